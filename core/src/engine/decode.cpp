// The decode engine: the tokens of a step through all layers, as a server does it.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "engine/attention/sequential_kernel.h"
#include "engine/cache/layer_setup.h"
#include "engine/eviction/layer_eviction.h"
#include "engine/eviction/layer_state.h"
#include "engine/recording.h"
#include "engine/run.h"
#include "engine/setup.h"
#include "engine/threads.h"
#include "model/few_rows.h"
#include "model/row_pass.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Documents that advance together, so that a weight is read once for all of them. Their rows are
// few (model/few_rows.h): none of them depends on the others, and a result not on the rest of its
// batch.
constexpr std::int64_t kBatchDocuments = 4;
static_assert(kBatchDocuments <= kMostFewRows);

// A document on its way.
struct Member {
  const TokenDocument* document = nullptr;
  DocumentRun* run = nullptr;
  Schedule schedule;
  std::vector<LayerState> layers;
  std::vector<LayerEviction> evictions;  // of each layer
  DistinctTokens first_layer;
  std::int64_t first_row = 0;  // of the rows that go through the layers now

  bool has_step(std::size_t step) const { return step < schedule.steps.size(); }
};

class DecodeBatch {
 public:
  DecodeBatch(const Model& model, const LayerSetup& setup, const RunSettings& settings)
      : model_(model), setup_(setup), settings_(settings) {
    if (!model.device().is_cpu()) return;
    pass_.emplace(model, kBatchDocuments);
    attention_.resize(static_cast<std::size_t>(kBatchDocuments * attention_width()));
  }

  void add(const TokenDocument& document, const Method& method, DocumentRun& run) {
    const auto tokens = static_cast<std::int64_t>(document.ids.size());
    Member member;
    member.document = &document;
    member.run = &run;
    member.schedule = schedule_of(settings_.protocol, settings_.plan, tokens);
    // Shared by the evictions of all layers: they outlive this call, and make one more policy when
    // they first ask for birth scores.
    const auto policies = std::make_shared<PolicyMaker>(
        method, setup_.model, settings_, document, reconstruction_for(model_, settings_, document));
    const HeadRange heads = {0, setup_.model.kv_heads};
    for (std::int64_t layer = 0; layer < setup_.model.layers; ++layer) {
      member.layers.emplace_back(setup_,
                                 LayerPlace{layer, heads, tokens, projection_of(layer), {}});
      member.evictions.emplace_back(setup_, heads,
                                    [policies, layer] { return policies->make(layer); });
    }
    run.bytes_per_entry = setup_.entry_layout().bytes();
    members_.push_back(std::move(member));
  }

  void run(const RunControl& control) {
    std::size_t steps = 0;
    for (const Member& member : members_) steps = std::max(steps, member.schedule.steps.size());
    for (std::size_t step = 0; step < steps; ++step) {
      if (control.stop_requested()) throw Interrupted();
      control.on_tokens(feed(step));
    }
    for (Member& member : members_) {
      for (const LayerState& layer : member.layers) {
        member.run->evictions.push_back(layer.evictions());
      }
      record_sizes(member.schedule, *member.run);
    }
  }

 private:
  using Members = std::vector<Member*>;

  // W_O in host memory, where a policy may ask for it.
  at::Tensor projection_of(std::int64_t layer) const {
    if (!setup_.plan.needs.output_projection) return {};
    return model_.layer(layer).attention_output.weight.to(at::kCPU);
  }

  // Feeds step `step` of every document that has one: blocks one after another, single tokens
  // together. Returns the number of tokens.
  std::int64_t feed(std::size_t step) {
    Members together;
    std::int64_t tokens = 0;
    for (Member& member : members_) {
      if (!member.has_step(step)) continue;  // a shorter document has ended
      tokens += member.schedule.steps[step].end - member.schedule.steps[step].begin;
      // A block has rows enough to keep the cores busy, and its height is the document's alone: put
      // together with another document's, its products might round otherwise.
      if (step < member.schedule.blocks) {
        feed_rows(step, {&member});
      } else {
        together.push_back(&member);
      }
    }
    if (!together.empty()) pass_ ? feed_tokens(step, together) : feed_rows(step, together);
    return tokens;
  }

  // One token of each document, in plain memory.
  void feed_tokens(std::size_t step, const Members& members) {
    const auto begin = std::chrono::steady_clock::now();
    ids_.clear();
    for (Member* member : members) {
      member->first_row = static_cast<std::int64_t>(ids_.size());
      ids_.push_back(member->document->ids[member->schedule.steps[step].begin]);
    }
    pass_->embed(ids_);
    for (std::int64_t layer = 0; layer < setup_.model.layers; ++layer) {
      const float* inputs = pass_->attention_input(layer);
      float* qkv = pass_->qkv(layer);
      for (Member* member : members) {
        attend(layer, step, *member, {qkv, inputs, attention_.data()});
      }
      pass_->finish_layer(layer, attention_.data());
    }
    score_tokens(step, members);
    charge(begin, members);
  }

  // The rows of a step: those of one document's block, or one of each document.
  void feed_rows(std::size_t step, const Members& members) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<std::int64_t> ids;
    for (Member* member : members) {
      member->first_row = static_cast<std::int64_t>(ids.size());
      const std::vector<std::int64_t> fed = ids_of(*member, step);
      ids.insert(ids.end(), fed.begin(), fed.end());
    }
    const bool is_block = step < members.front()->schedule.blocks;
    const auto rows = static_cast<std::int64_t>(ids.size());
    // Idle rows of token 0 up to a height that a general product takes alike in every document.
    if (is_block) ids.resize(static_cast<std::size_t>(rounded_up(rows)), 0);
    at::Tensor x = model_.embed(at::tensor(ids, at::kLong));
    for (std::int64_t layer = 0; layer < setup_.model.layers; ++layer) {
      x = run_layer(layer, step, members, x);
    }
    score(step, members, x);
    charge(begin, members);
  }

  // What a document waited for is the whole step, so it is charged to each and not divided.
  static void charge(std::chrono::steady_clock::time_point begin, const Members& members) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    for (Member* member : members) member->run->step_seconds.push_back(elapsed.count());
  }

  std::int64_t attention_width() const { return setup_.model.query_heads * setup_.model.head_dim; }

  static std::vector<std::int64_t> ids_of(const Member& member, std::size_t step) {
    const FeedStep& fed = member.schedule.steps[step];
    const auto& ids = member.document->ids;
    return {ids.begin() + fed.begin, ids.begin() + fed.end};
  }

  at::Tensor run_layer(std::int64_t layer, std::size_t step, const Members& members,
                       const at::Tensor& x) {
    // Caches and policies live in host memory, wherever the model computes.
    const at::Tensor computed = model_.attention_input(layer, x);
    const at::Tensor qkv = model_.qkv(layer, computed).to(at::kCPU).contiguous();
    const at::Tensor input = computed.to(at::kCPU);
    at::Tensor attention = at::zeros({x.size(0), attention_width()}, at::kFloat);
    const StepRows rows = {qkv.data_ptr<float>(), input.data_ptr<float>(),
                           attention.data_ptr<float>()};
    for (Member* member : members) attend(layer, step, *member, rows);
    return model_.finish_layer(layer, x, attention.to(x.device()));
  }

  // The rows of all documents in one layer, each in memory of the host.
  struct StepRows {
    float* qkv;           // [n,(H+2G)d]
    const float* inputs;  // [n,D]
    float* attention;     // [n,Hd]
  };

  // A document's rows through its caches in one layer, and what leaves these.
  void attend(std::int64_t layer, std::size_t step, Member& member, const StepRows& all) {
    const ModelFacts& facts = setup_.model;
    const FeedStep& fed = member.schedule.steps[step];
    const std::int64_t row = member.first_row;
    float* rows = all.qkv + row * setup_.qkv_width();
    // Before any copy is made of the rows: equal tokens must tie exactly.
    if (layer == 0) member.first_layer.settle(ids_of(member, step), rows, setup_.qkv_width());
    TokenRows tokens = {fed.begin, fed.end - fed.begin, member.document->ids.data() + fed.begin,
                        rows, all.inputs + row * facts.hidden_size};
    LayerState& state = member.layers[layer];
    LayerEviction& eviction = member.evictions[layer];
    try {
      at::Tensor scores;  // holds what `tokens` borrows until they are fed
      // LayerState takes scores as they are given: replay makes those of a document in one call.
      if (asks_birth_scores(setup_.plan)) {
        scores = eviction.birth_scores(
            tokens, head_place(layer, 0) + ", step " + std::to_string(fed.begin));
        tokens.birth_scores = scores.data_ptr<float>();
        tokens.birth_stride = tokens.count;
      }
      state.feed(tokens, all.attention + row * attention_width(), scratch_);
      // Where all layers hold the same entries the choice waits for the last of them: it is made
      // by means over what every layer has seen of this step.
      const bool together = setup_.plan.share == Share::kModel;
      if (fed.evicts && !together) eviction.act(state);
      if (fed.evicts && together && layer + 1 == facts.layers) {
        member.evictions.front().act(member.layers);
      }
    } catch (const Error& error) {
      throw Error(in_document(error.problems(), member.document->id));
    }
  }

  void score(std::size_t step, const Members& members, const at::Tensor& x) {
    at::Tensor logits;
    for (Member* member : members) {
      const FeedStep& fed = member->schedule.steps[step];
      DocumentScorer scorer(model_, member->schedule, *member->document,
                            settings_.keep_distributions, *member->run);
      if (settings_.keep_hidden) keep_hidden(*member, fed, x);
      // With a large vocabulary logits are the dearest product. Those of a block are made in
      // pieces, those of single tokens once for the batch, and neither where no target and no end
      // of a document needs them.
      if (step < member->schedule.blocks) {
        scorer.add_block(x, fed.begin, fed.end - fed.begin);
      } else if (scorer.reads(fed.begin)) {
        if (!logits.defined()) logits = model_.logits(x).to(at::kCPU).contiguous();
        scorer.add_token(logits.data_ptr<float>() + member->first_row * logits.size(1),
                         logits.size(1), fed.begin);
      }
    }
  }

  // As `score`, of the rows of the pass.
  void score_tokens(std::size_t step, const Members& members) {
    const float* logits = nullptr;
    const std::int64_t width = setup_.model.hidden_size;
    for (Member* member : members) {
      const FeedStep& fed = member->schedule.steps[step];
      if (settings_.keep_hidden) {
        const at::Tensor rows =
            at::from_blob(const_cast<float*>(pass_->rows()), {pass_->count(), width}, at::kFloat);
        keep_hidden(*member, fed, rows);
      }
      DocumentScorer scorer(model_, member->schedule, *member->document,
                            settings_.keep_distributions, *member->run);
      if (!scorer.reads(fed.begin)) continue;
      if (logits == nullptr) logits = pass_->logits();
      const std::int64_t vocabulary = model_.output_head().size(0);
      scorer.add_token(logits + member->first_row * vocabulary, vocabulary, fed.begin);
    }
  }

  static void keep_hidden(Member& member, const FeedStep& fed, const at::Tensor& x) {
    at::Tensor& hidden = member.run->hidden;
    if (!hidden.defined()) {
      hidden = at::empty({static_cast<std::int64_t>(member.document->ids.size()), x.size(1)});
    }
    const std::int64_t count = fed.end - fed.begin;
    hidden.narrow(0, fed.begin, count).copy_(x.narrow(0, member.first_row, count));
  }

  const Model& model_;
  const LayerSetup& setup_;
  const RunSettings& settings_;
  std::vector<Member> members_;
  AttentionScratch scratch_;
  // Of steps of single tokens, where the model lies in host memory.
  std::optional<RowPass> pass_;
  std::vector<std::int64_t> ids_;
  std::vector<float> attention_;  // [kBatchDocuments,Hd]
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
