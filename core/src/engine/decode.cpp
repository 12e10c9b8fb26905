// The decode engine: one token at a time through all layers, as a server does it.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <numeric>

#include "engine/layer_state.h"
#include "engine/make_policy.h"
#include "engine/scoring.h"
#include "engine/setup.h"
#include "engine/stream.h"
#include "engine/threads.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Documents that advance together, so that a weight is read once for all of them. Products always
// have this height, with idle rows where documents are missing or have ended: one of another height
// may round differently, and a document must not feel its company.
constexpr std::int64_t kBatchDocuments = 4;

class DecodeBatch {
 public:
  DecodeBatch(const Model& model, const LayerSetup& setup) : model_(model), setup_(setup) {}

  void add(const TokenDocument& document, const Method& method, const RandomKey& random,
           DocumentRun& run) {
    Member member;
    member.document = &document;
    member.run = &run;
    for (std::int64_t layer = 0; layer < setup_.model.layers; ++layer) {
      member.layers.emplace_back(
          setup_, layer,
          make_policy(method, setup_.model, setup_.budget_tokens, random, document.id, layer),
          model_.layer(layer).attention_output.weight);
    }
    run.bytes_per_entry = setup_.entry_layout().bytes();
    members_.push_back(std::move(member));
  }

  void run(const RunControl& control) {
    // Longest first: the documents that still have tokens are always a prefix.
    std::stable_sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) {
      return a.document->ids.size() > b.document->ids.size();
    });
    const auto steps = static_cast<std::int64_t>(members_.front().document->ids.size());
    for (std::int64_t position = 0; position < steps; ++position) {
      if (control.stop_requested()) throw Interrupted();
      control.on_tokens(step(position));
    }
    for (Member& member : members_) finish(member);
  }

 private:
  struct Member {
    const TokenDocument* document = nullptr;
    DocumentRun* run = nullptr;
    std::vector<LayerState> layers;
  };

  // Feeds token `position` of every document that has one; returns how many had.
  std::int64_t step(std::int64_t position) {
    const auto begin = std::chrono::steady_clock::now();
    const std::int64_t active = count_longer_than(position);
    at::Tensor ids = at::zeros({kBatchDocuments}, at::kLong);
    for (std::int64_t i = 0; i < active; ++i) {
      ids.data_ptr<std::int64_t>()[i] = members_[i].document->ids[position];
    }
    at::Tensor x = model_.embed(ids);
    for (std::int64_t layer = 0; layer < setup_.model.layers; ++layer) {
      x = step_layer(layer, position, active, x);
    }
    score(position, active, x);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    for (std::int64_t i = 0; i < active; ++i) record(members_[i], elapsed.count());
    return active;
  }

  std::int64_t count_longer_than(std::int64_t position) const {
    return std::count_if(members_.begin(), members_.end(), [position](const Member& member) {
      return static_cast<std::int64_t>(member.document->ids.size()) > position;
    });
  }

  at::Tensor step_layer(std::int64_t layer, std::int64_t position, std::int64_t active,
                        const at::Tensor& x) {
    const ModelFacts& facts = setup_.model;
    const std::int64_t query_width = facts.query_heads * facts.head_dim;
    const std::int64_t key_width = facts.kv_heads * facts.head_dim;
    const at::Tensor input = model_.attention_input(layer, x);
    const at::Tensor qkv = model_.qkv(layer, input).contiguous();
    at::Tensor attention = at::zeros({x.size(0), query_width}, at::kFloat);
    for (std::int64_t i = 0; i < active; ++i) {
      const float* row = qkv.data_ptr<float>() + i * (query_width + 2 * key_width);
      TokenInput token;
      token.position = position;
      token.token_id = members_[i].document->ids[position];
      token.queries = row;
      token.keys = row + query_width;
      token.values = row + query_width + key_width;
      token.attention_input = input.data_ptr<float>() + i * facts.hidden_size;
      try {
        members_[i].layers[layer].step(token, attention.data_ptr<float>() + i * query_width,
                                       scratch_);
      } catch (const Error& error) {
        throw Error(in_document(error.problems(), members_[i].document->id));
      }
    }
    return model_.finish_layer(layer, x, attention);
  }

  // nll of the next token of every document that has one - a prefix of the rows of `x` - and the
  // logits behind the last token of those that end here.
  void score(std::int64_t position, std::int64_t active, const at::Tensor& x) {
    const std::int64_t scored = count_longer_than(position + 1);
    const at::Tensor logits = model_.logits(x);
    for (std::int64_t i = scored; i < active; ++i) {
      const float* row = logits.data_ptr<float>() + i * logits.size(1);
      members_[i].run->last_logits.assign(row, row + logits.size(1));
    }
    for (std::int64_t i = 0; i < scored; ++i) {
      const TargetScore target =
          score_target(logits.data_ptr<float>() + i * logits.size(1), logits.size(1),
                       members_[i].document->ids[position + 1]);
      members_[i].run->targets.push_back(position + 1);
      members_[i].run->nll_nats.push_back(target.nll_nats);
      members_[i].run->is_top1.push_back(target.is_top1);
    }
  }

  static void record(Member& member, double seconds) {
    std::int64_t entries = 0;
    DocumentRun& run = *member.run;
    for (const LayerState& layer : member.layers) {
      for (const HeadCache& head : layer.heads()) {
        entries += head.size();
        run.peak_entries_per_head = std::max(run.peak_entries_per_head, head.size());
      }
    }
    run.entries_per_step.push_back(entries);
    run.step_seconds.push_back(seconds);
  }

  static void finish(Member& member) {
    for (const LayerState& layer : member.layers) {
      auto& heads = member.run->kept.emplace_back();
      for (const HeadCache& head : layer.heads()) heads.push_back(head.positions());
    }
  }

  const Model& model_;
  const LayerSetup& setup_;
  std::vector<Member> members_;
  AttentionScratch scratch_;
};

}  // namespace

std::vector<DocumentRun> decode_stream(const Model& model, const Method& method,
                                       const StreamSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control) {
  const RotaryTable rotary = rotary_for(model, documents);
  const LayerSetup setup = layer_setup(model, settings, documents, rotary);
  std::vector<DocumentRun> runs(documents.size());
  const auto count = static_cast<std::int64_t>(documents.size());
  const std::int64_t batches = (count + kBatchDocuments - 1) / kBatchDocuments;
  run_tasks(batches, settings.threads, [&](std::int64_t batch) {
    const c10::InferenceMode no_gradients;
    DecodeBatch decode(model, setup);
    const std::int64_t end = std::min(count, (batch + 1) * kBatchDocuments);
    for (std::int64_t i = batch * kBatchDocuments; i < end; ++i) {
      decode.add(documents[i], method, settings.random, runs[i]);
    }
    decode.run(control);
  });
  return runs;
}

}  // namespace pressroom
