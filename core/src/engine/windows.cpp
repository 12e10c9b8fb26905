#include "engine/windows.h"

#include <algorithm>
#include <utility>

namespace pressroom {
namespace {

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

void join(DocumentRun& document, DocumentRun run, const ScoredWindow& place) {
  for (std::size_t i = 0; i < run.targets.size(); ++i) {
    const std::int64_t target = place.begin + run.targets[i];
    if (target < place.first_target) continue;
    document.targets.push_back(target);
    document.nll_nats.push_back(run.nll_nats[i]);
    document.is_top1.push_back(run.is_top1[i]);
  }
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

}  // namespace

WindowedDocuments::WindowedDocuments(const std::vector<TokenDocument>& documents,
                                     const Protocol& protocol) {
  for (const TokenDocument& document : documents) {
    places_.push_back(windows_of(protocol, static_cast<std::int64_t>(document.ids.size())));
    for (const ScoredWindow& place : places_.back()) {
      windows_.push_back(
          {document.id, {document.ids.begin() + place.begin, document.ids.begin() + place.end}});
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

}  // namespace pressroom
