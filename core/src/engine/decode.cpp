// The decode engine: the tokens of a step through all layers, as a server does it.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <deque>

#include "engine/recording.h"
#include "engine/run.h"
#include "engine/sequence_caches.h"
#include "engine/setup.h"
#include "engine/step_pass.h"
#include "engine/threads.h"
#include "model/few_rows.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Documents that advance together, so that a weight is read once for all of them. Their rows are
// few (model/few_rows.h): none of them depends on the others, and a result not on the rest of its
// batch.
constexpr std::int64_t kBatchDocuments = kMostFewRows;

// A document on its way.
struct Member {
  const TokenDocument& document;
  DocumentRun& run;
  Schedule schedule;
  SequenceCaches caches;
  Member* prompt_of;  // whose prompt it goes on from, fed before it; null where it feeds its own

  bool has_step(std::size_t step) const { return step < schedule.steps.size(); }
};

class DecodeBatch {
 public:
  DecodeBatch(const Model& model, const LayerSetup& setup, const RunSettings& settings)
      : model_(model), setup_(setup), settings_(settings), pass_(model, setup, kBatchDocuments) {}

  void add(const TokenDocument& document, const Method& method, DocumentRun& run) {
    const auto tokens = static_cast<std::int64_t>(document.ids.size());
    // The first of a batch feeds its prompt whatever came before: that went with another batch.
    Member* const prompt_of =
        document.same_prompt_as_previous && !members_.empty() ? &members_.back() : nullptr;
    const bool is_evicted = prompt_of == nullptr;  // behind a prompt that is shared nothing leaves
    members_.push_back(
        {document, run, schedule_of(protocol_for(settings_, document), settings_.plan, tokens),
         SequenceCaches(model_, setup_, settings_, method, document, tokens, is_evicted),
         prompt_of});
    run.bytes_per_entry = setup_.entry_layout().bytes();
  }

  void run(const RunControl& control) {
    std::size_t steps = 0;
    for (const Member& member : members_) steps = std::max(steps, member.schedule.steps.size());
    for (std::size_t step = 0; step < steps; ++step) {
      if (control.stop_requested()) throw Interrupted();
      control.on_tokens(feed(step));
    }
    for (Member& member : members_) {
      for (const LayerState& layer : member.caches.layers()) {
        member.run.evictions.push_back(layer.evictions());
      }
      record_sizes(member.schedule, settings_.protocol.server, member.run);
    }
  }

 private:
  using Members = std::vector<Member*>;

  // Feeds step `step` of every document that has one: blocks one after another, single tokens
  // together. Returns the number of tokens.
  std::int64_t feed(std::size_t step) {
    Members together;
    std::int64_t tokens = 0;
    for (Member& member : members_) {
      if (!member.has_step(step)) continue;  // a shorter document has ended
      tokens += member.schedule.steps[step].end - member.schedule.steps[step].begin;
      // A block has rows enough to keep the cores busy.
      if (step < member.schedule.blocks) {
        feed_block(step, member);
      } else {
        together.push_back(&member);
      }
    }
    if (!together.empty()) feed_tokens(step, together);
    return tokens;
  }

  void feed_block(std::size_t step, Member& member) {
    const auto begin = std::chrono::steady_clock::now();
    const FeedStep& fed = member.schedule.steps[step];
    if (member.prompt_of != nullptr) {
      member.caches.begin_as(member.prompt_of->caches);
      if (settings_.keep_hidden) keep_hidden(member, fed, member.prompt_of->run.hidden, 0);
      charge(begin, {&member});
      return;
    }
    const at::Tensor hidden = pass_.feed_block({&member.caches, fed});
    if (settings_.keep_hidden) keep_hidden(member, fed, hidden, 0);
    scorer_of(member).add_block(hidden, fed.begin, fed.end - fed.begin);
    charge(begin, {&member});
  }

  void feed_tokens(std::size_t step, const Members& members) {
    const auto begin = std::chrono::steady_clock::now();
    fed_.clear();
    for (Member* member : members) fed_.push_back({&member->caches, member->schedule.steps[step]});
    pass_.feed_tokens(fed_);
    const std::int64_t vocabulary = setup_.model.vocabulary;
    for (std::size_t row = 0; row < members.size(); ++row) {
      Member& member = *members[row];
      const FeedStep& fed = member.schedule.steps[step];
      const auto at = static_cast<std::int64_t>(row);
      if (settings_.keep_hidden) keep_hidden(member, fed, pass_.hidden(), at);
      // With a large vocabulary logits are the dearest product: made where a target or the end of a
      // document needs them.
      DocumentScorer scorer = scorer_of(member);
      if (!scorer.reads(fed.begin)) continue;
      scorer.add_token(pass_.logits() + at * vocabulary, vocabulary, fed.begin);
    }
    charge(begin, members);
  }

  DocumentScorer scorer_of(Member& member) const {
    return {model_, member.schedule, member.document, settings_.keep_distributions, member.run};
  }

  // What a document waited for is the whole step, so it is charged to each and not divided.
  static void charge(std::chrono::steady_clock::time_point begin, const Members& members) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    for (Member* member : members) member->run.step_seconds.push_back(elapsed.count());
  }

  // `x`: the rows of a step, those of the member from `first` on.
  static void keep_hidden(Member& member, const FeedStep& fed, const at::Tensor& x,
                          std::int64_t first) {
    at::Tensor& hidden = member.run.hidden;
    if (!hidden.defined()) {
      hidden = at::empty({static_cast<std::int64_t>(member.document.ids.size()), x.size(1)});
    }
    const std::int64_t count = fed.end - fed.begin;
    hidden.narrow(0, fed.begin, count).copy_(x.narrow(0, first, count));
  }

  const Model& model_;
  const LayerSetup& setup_;
  const RunSettings& settings_;
  StepPass pass_;
  std::deque<Member> members_;  // stay where they are: steps point to their caches
  std::vector<FedSequence> fed_;
};

}  // namespace

std::vector<DocumentRun> decode_documents(const Model& model, const Method& method,
                                          const RunSettings& settings,
                                          const std::vector<TokenDocument>& documents,
                                          const RunControl& control) {
  const RotaryTable rotary = rotary_for(model, settings, documents);
  const LayerSetup setup = layer_setup(model, settings, documents, rotary);
  std::vector<DocumentRun> runs(documents.size());
  const auto count = static_cast<std::int64_t>(documents.size());
  const std::int64_t batches = (count + kBatchDocuments - 1) / kBatchDocuments;
  ProcessGuard process;  // of a policy's calls, which come from several threads
  run_tasks(batches, settings.threads, [&](std::int64_t batch) {
    const c10::InferenceMode no_gradients;
    DecodeBatch decode(model, setup, settings);
    const std::int64_t end = std::min(count, (batch + 1) * kBatchDocuments);
    for (std::int64_t i = batch * kBatchDocuments; i < end; ++i) {
      decode.add(documents[i], method, runs[i]);
    }
    decode.run(control);
  });
  process.check(settings.method);
  return runs;
}

}  // namespace pressroom
