#include "engine/replay_branches.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "engine/attention/sequential_kernel.h"
#include "engine/eviction/layer_eviction.h"
#include "engine/eviction/layer_state.h"
#include "engine/recording.h"
#include "engine/replayed_rows.h"
#include "engine/setup.h"
#include "model/products.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// A document's own tokens, behind the prompt.
struct Branch {
  const TokenDocument& document;
  DocumentRun& run;
  Schedule schedule;
  std::int64_t first_row = 0;  // of its own tokens among all rows
  std::int64_t tokens = 0;     // of the document
};

class BranchReplay {
 public:
  BranchReplay(const Model& model, const LayerSetup& setup, const RunSettings& settings,
               const std::vector<const TokenDocument*>& documents,
               const std::vector<DocumentRun*>& runs)
      : model_(model),
        setup_(setup),
        settings_(settings),
        prompt_(documents.front()->prompt_tokens),
        ids_(documents.front()->ids.begin(), documents.front()->ids.begin() + prompt_) {
    for (std::size_t i = 0; i < documents.size(); ++i) {
      const TokenDocument& document = *documents[i];
      const auto tokens = static_cast<std::int64_t>(document.ids.size());
      branches_.push_back({document, *runs[i],
                           schedule_of(protocol_for(settings, document), settings.plan, tokens),
                           static_cast<std::int64_t>(ids_.size()), tokens});
      ids_.insert(ids_.end(), document.ids.begin() + prompt_, document.ids.end());
      most_tokens_ = std::max(most_tokens_, tokens);
    }
    rows_ = rounded_up(static_cast<std::int64_t>(ids_.size()));
  }

  void run(const Method& method, const RunControl& control) {
    const auto tokens = static_cast<std::int64_t>(ids_.size());
    const TokenDocument& first = branches_.front().document;
    std::vector<std::int64_t> padded = ids_;
    padded.resize(static_cast<std::size_t>(rows_), 0);
    at::Tensor x = model_.embed(at::tensor(padded, at::kLong));
    const PolicyMaker policies(method, setup_.model, settings_, first,
                               reconstruction_for(model_, settings_, first));
    const std::int64_t layers = setup_.model.layers;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      if (control.stop_requested()) throw Interrupted();
      const at::Tensor input = model_.attention_input(layer, x);
      at::Tensor qkv = model_.qkv(layer, input).contiguous();
      if (layer == 0) qkv = settled(ids_, qkv);
      const at::Tensor attention =
          attend(layer, policies, input.to(at::kCPU), qkv.to(at::kCPU)).to(qkv.device());
      finish_rows(model_, layer, attention, x);
      control.on_tokens(tokens * (layer + 1) / layers - tokens * layer / layers);
    }
    for (const Branch& branch : branches_) record(branch, x);
  }

 private:
  // [rows,H*d], in host memory.
  at::Tensor attend(std::int64_t layer, const PolicyMaker& policies, const at::Tensor& input,
                    const at::Tensor& qkv) {
    const ModelFacts& model = setup_.model;
    for (Branch& branch : branches_) {
      branch.run.bytes_per_entry = setup_.entry_layout().bytes();
      branch.run.evictions.emplace_back(static_cast<std::size_t>(model.kv_heads), EvictionLog());
    }
    const MakePolicy make_policy = [&] { return policies.make(layer); };
    TokenRows prompt = rows_of(input, qkv, 0, 0, prompt_);
    at::Tensor scores;  // of the prompt alone: what enters later never leaves
    if (asks_birth_scores(setup_.plan)) {
      scores = LayerEviction(setup_, {0, model.kv_heads}, make_policy)
                   .birth_scores(prompt, head_place(layer, 0) + ", step 0");
      prompt.birth_scores = scores.data_ptr<float>();
      prompt.birth_stride = prompt_;
    }
    at::Tensor out = at::zeros({rows_, model.query_heads * model.head_dim}, at::kFloat);
    const Layer parts = {layer, prompt, input, qkv, output_projection(layer), make_policy};
    // Heads that are decided about together must have come to the same step (ReplayLayer).
    if (!setup_.heads_are_alone()) {
      attend_range(parts, {0, model.kv_heads}, out.data_ptr<float>());
      return out;
    }
    parallel_for(model.kv_heads, product_thread_count(), [&](std::int64_t head) {
      const c10::InferenceMode no_gradients;  // a property of the thread, which may be a new one
      attend_range(parts, {head, 1}, out.data_ptr<float>());
    });
    return out;
  }

  struct Layer {
    std::int64_t layer;
    const TokenRows& prompt;
    const at::Tensor& input;
    const at::Tensor& qkv;
    at::Tensor output_projection;
    const MakePolicy& make_policy;
  };

  void attend_range(const Layer& layer, HeadRange heads, float* out) {
    const std::int64_t width = setup_.model.query_heads * setup_.model.head_dim;
    AttentionScratch scratch;
    LayerState prompt(setup_, {layer.layer, heads, most_tokens_, layer.output_projection, {}});
    LayerEviction eviction(setup_, heads, layer.make_policy);
    prompt.feed(layer.prompt, out, scratch);
    if (branches_.front().schedule.steps.front().evicts) eviction.act(prompt);
    for (Branch& branch : branches_) {
      LayerState state = prompt.fork(branch.tokens);
      for (std::size_t step = 1; step < branch.schedule.steps.size(); ++step) {
        const FeedStep& fed = branch.schedule.steps[step];
        PRESSROOM_ASSERT(!fed.evicts);
        const std::int64_t row = branch.first_row + fed.begin - prompt_;
        state.feed(rows_of(layer.input, layer.qkv, row, fed.begin, 1), out + row * width, scratch);
      }
      std::copy(state.evictions().begin(), state.evictions().end(),
                branch.run.evictions[static_cast<std::size_t>(layer.layer)].begin() + heads.first);
    }
  }

  // `count` rows from `row` on, of the tokens from `position` on.
  TokenRows rows_of(const at::Tensor& input, const at::Tensor& qkv, std::int64_t row,
                    std::int64_t position, std::int64_t count) const {
    return {position, count, ids_.data() + row, qkv.data_ptr<float>() + row * setup_.qkv_width(),
            input.data_ptr<float>() + row * setup_.model.hidden_size};
  }

  at::Tensor output_projection(std::int64_t layer) const {
    if (!setup_.plan.needs.output_projection) return {};
    return model_.layer(layer).attention_output.weight.widened().to(at::kCPU);
  }

  // Sizes and scores of one document; `x` [rows,D], what the output head reads.
  void record(const Branch& branch, const at::Tensor& x) const {
    record_sizes(branch.schedule, settings_.protocol.server, branch.run);
    const std::int64_t own = branch.tokens - prompt_;
    const at::Tensor rows = x.narrow(0, branch.first_row, own);
    DocumentScorer(model_, branch.schedule, branch.document, settings_.keep_distributions,
                   branch.run)
        .add_block(rows, prompt_, own);
    if (!settings_.keep_hidden) return;
    branch.run.hidden = at::cat({x.narrow(0, 0, prompt_), rows}).to(at::kCPU);
  }

  const Model& model_;
  const LayerSetup& setup_;
  const RunSettings& settings_;
  std::int64_t prompt_;
  std::vector<std::int64_t> ids_;  // of all rows: the prompt, then each document's own tokens
  std::vector<Branch> branches_;
  std::int64_t most_tokens_ = 0;
  std::int64_t rows_ = 0;
};

}  // namespace

void replay_branches(const Model& model, const Method& method, const LayerSetup& setup,
                     const RunSettings& settings,
                     const std::vector<const TokenDocument*>& documents, const RunControl& control,
                     const std::vector<DocumentRun*>& runs) {
  BranchReplay(model, setup, settings, documents, runs).run(method, control);
}

}  // namespace pressroom
