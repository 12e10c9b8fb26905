#include "engine/run.h"

#include <algorithm>
#include <utility>

#include "engine/run_questions.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

// The targets of `document` that the window scores and whose logits are wanted, by their place in
// the window.
std::vector<std::int64_t> wanted_in(const ScoredWindow& place, const TokenDocument& document) {
  std::vector<std::int64_t> wanted;
  for (const std::int64_t target : document.wanted_logits) {
    if (target >= place.first_target && target < place.end) wanted.push_back(target - place.begin);
  }
  return wanted;
}

void join(DocumentRun& document, DocumentRun run, const ScoredWindow& place) {
  for (std::size_t i = 0; i < run.targets.size(); ++i) {
    const std::int64_t target = place.begin + run.targets[i];
    if (target < place.first_target) continue;
    document.targets.push_back(target);
    document.nll_nats.push_back(run.nll_nats[i]);
    document.is_top1.push_back(run.is_top1[i]);
    if (!run.distributions.empty()) document.distributions.push_back(run.distributions[i]);
  }
  for (auto& logits : run.wanted_logits) document.wanted_logits.push_back(std::move(logits));
  append(document.tokens_per_step, run.tokens_per_step);
  append(document.entries_per_step, run.entries_per_step);
  append(document.step_seconds, run.step_seconds);
  document.peak_entries_per_head =
      std::max(document.peak_entries_per_head, run.peak_entries_per_head);
  document.bytes_per_entry = run.bytes_per_entry;
  document.last_logits = std::move(run.last_logits);
  document.kept = std::move(run.kept);
  for (auto& layer : document.kept) {
    for (auto& head : layer) {
      for (std::int64_t& position : head) position += place.begin;
    }
  }
}

// Under the window protocol each window is a document of its own, from an empty cache, and scores
// the tokens that no earlier window has.
class WindowedDocuments {
 public:
  WindowedDocuments(const std::vector<TokenDocument>& documents, const Protocol& protocol);

  // All windows of all documents, in order.
  const std::vector<TokenDocument>& documents() const { return windows_; }

  // From the runs of documents() one run for each original document: nll of the scored targets,
  // sizes step by step, and what the last window holds. Hidden states are not joined.
  std::vector<DocumentRun> joined(std::vector<DocumentRun> runs) const;

 private:
  std::vector<std::vector<ScoredWindow>> places_;  // of each document
  std::vector<TokenDocument> windows_;
};

WindowedDocuments::WindowedDocuments(const std::vector<TokenDocument>& documents,
                                     const Protocol& protocol) {
  for (const TokenDocument& document : documents) {
    places_.push_back(windows_of(protocol, static_cast<std::int64_t>(document.ids.size())));
    for (const ScoredWindow& place : places_.back()) {
      windows_.push_back({document.id,
                          {document.ids.begin() + place.begin, document.ids.begin() + place.end},
                          wanted_in(place, document)});
    }
  }
}

std::vector<DocumentRun> WindowedDocuments::joined(std::vector<DocumentRun> runs) const {
  std::vector<DocumentRun> documents(places_.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    for (const ScoredWindow& place : places_[i]) join(documents[i], std::move(runs[next++]), place);
  }
  return documents;
}

}  // namespace

const char* to_string(Engine engine) { return engine == Engine::kReplay ? "replay" : "decode"; }

Engine choose_engine(const std::string& asked, const EvictionPlan& plan,
                     const std::string& method) {
  if (asked == "decode" || (asked == "auto" && plan.couples_layers)) return Engine::kDecode;
  if (!plan.couples_layers) return Engine::kReplay;
  throw Error(
      {"the method cannot be replayed", method, "engine auto or decode", asked,
       "its decisions in one layer look at another, so layers cannot be walked one by one"});
}

std::vector<DocumentRun> run_documents(Engine engine, const Model& model, const Method& method,
                                       const RunSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control) {
  if (settings.protocol.kind == ProtocolKind::kQuestions) {
    return run_questions(engine, model, method, settings, documents, control);
  }
  const auto run = engine == Engine::kReplay ? replay_documents : decode_documents;
  if (settings.protocol.kind != ProtocolKind::kWindow) {
    return run(model, method, settings, documents, control);
  }
  const WindowedDocuments windows(documents, settings.protocol);
  return windows.joined(run(model, method, settings, windows.documents(), control));
}

Protocol protocol_for(const RunSettings& settings, const TokenDocument& document) {
  Protocol protocol = settings.protocol;
  if (document.prompt_tokens > 0) protocol.prefill_tokens = document.prompt_tokens;
  return protocol;
}

void check_ids(const TokenDocument& document, std::int64_t vocabulary, const Protocol& protocol) {
  const auto tokens = static_cast<std::int64_t>(document.ids.size());
  if (tokens < protocol.least_tokens()) {
    throw Error(
        {"a document is too short to score", document.id,
         "at least " + std::to_string(protocol.least_tokens()) + " tokens under " + protocol.text(),
         std::to_string(tokens), "give a longer text"});
  }
  for (const std::int64_t id : document.ids) {
    if (id >= 0 && id < vocabulary) continue;
    throw Error({"a token id is outside the model's vocabulary", document.id,
                 "0 .. " + std::to_string(vocabulary - 1), std::to_string(id),
                 "use the model's own tokenizer"});
  }
}

}  // namespace pressroom
