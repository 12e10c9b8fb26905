// The replay engine: the answer of token-by-token decoding at about the price of one forward pass.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <unordered_map>

#include "engine/make_policy.h"
#include "engine/replay_layer.h"
#include "engine/scoring.h"
#include "engine/setup.h"
#include "engine/stream.h"
#include "engine/threads.h"
#include "model/products.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Rows of hidden states that go through the MLP, and through the output head, at a time: enough for
// a product to run at full speed, few enough that memory stays small beside the weights.
constexpr std::int64_t kLayerRows = 1024;
constexpr std::int64_t kLogitRows = 128;
// Rows come in multiples of this, with idle ones at the end, so that products of all lengths are
// made by the same inner loops.
constexpr std::int64_t kRowMultiple = 64;

std::int64_t rounded_up(std::int64_t rows) {
  return (rows + kRowMultiple - 1) / kRowMultiple * kRowMultiple;
}

class DocumentReplay {
 public:
  DocumentReplay(const Model& model, const LayerSetup& setup, const TokenDocument& document)
      : model_(model),
        setup_(setup),
        document_(document),
        tokens_(static_cast<std::int64_t>(document.ids.size())),
        rows_(rounded_up(tokens_)) {}

  void run(const Method& method, const RandomKey& random, const RunControl& control,
           DocumentRun& run) {
    run.bytes_per_entry = setup_.entry_layout().bytes();
    run.entries_per_step.assign(document_.ids.size(), 0);
    std::vector<std::int64_t> ids = document_.ids;
    ids.resize(static_cast<std::size_t>(rows_), 0);
    at::Tensor x = model_.embed(at::tensor(ids, at::kLong));
    const std::int64_t layers = setup_.model.layers;
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      if (control.stop_requested()) throw Interrupted();
      x = run_layer(layer, method, random, x, run);
      control.on_tokens(tokens_ * (layer + 1) / layers - tokens_ * layer / layers);
    }
    score(x, run);
  }

 private:
  at::Tensor run_layer(std::int64_t layer, const Method& method, const RandomKey& random,
                       const at::Tensor& x, DocumentRun& run) {
    const at::Tensor input = model_.attention_input(layer, x);
    const at::Tensor qkv = layer == 0 ? qkv_by_token(input) : model_.qkv(layer, input).contiguous();
    ReplayLayer replay(
        setup_, layer,
        make_policy(method, setup_.model, setup_.budget_tokens, random, document_.id, layer),
        model_.layer(layer).attention_output.weight, document_.ids);
    const at::Tensor attention = replay.attend(input, qkv, product_thread_count());
    record(replay.outcomes(), run);
    at::Tensor out = at::empty_like(x);
    for (std::int64_t row = 0; row < rows_; row += kLayerRows) {
      const std::int64_t rows = std::min(kLayerRows, rows_ - row);
      out.narrow(0, row, rows)
          .copy_(
              model_.finish_layer(layer, x.narrow(0, row, rows), attention.narrow(0, row, rows)));
    }
    return out;
  }

  // The first layer's queries, keys and values depend on the token alone. A product may round equal
  // rows differently, by where they stand; equal tokens must tie, so each is projected once.
  at::Tensor qkv_by_token(const at::Tensor& input) const {
    std::vector<std::int64_t> first;  // row of each token's first occurrence
    std::vector<std::int64_t> which;  // row of `first` that each token is, idle rows too
    std::unordered_map<std::int64_t, std::int64_t> known;
    for (std::int64_t t = 0; t < tokens_; ++t) {
      const auto [entry, is_new] =
          known.emplace(document_.ids[t], static_cast<std::int64_t>(first.size()));
      if (is_new) first.push_back(t);
      which.push_back(entry->second);
    }
    first.resize(static_cast<std::size_t>(rounded_up(static_cast<std::int64_t>(first.size()))), 0);
    which.resize(static_cast<std::size_t>(rows_), 0);
    const at::Tensor rows = input.index_select(0, at::tensor(first, at::kLong));
    std::vector<at::Tensor> blocks;
    for (std::int64_t row = 0; row < rows.size(0); row += kRowMultiple) {
      blocks.push_back(model_.qkv(0, rows.narrow(0, row, kRowMultiple)));
    }
    return at::cat(blocks).index_select(0, at::tensor(which, at::kLong));
  }

  static void record(const std::vector<HeadOutcome>& outcomes, DocumentRun& run) {
    auto& kept = run.kept.emplace_back();
    for (const HeadOutcome& head : outcomes) {
      for (std::size_t step = 0; step < head.sizes.size(); ++step) {
        run.entries_per_step[step] += head.sizes[step];
      }
      run.peak_entries_per_head = std::max<std::int64_t>(
          run.peak_entries_per_head, *std::max_element(head.sizes.begin(), head.sizes.end()));
      kept.push_back(head.kept);
    }
  }

  void score(const at::Tensor& x, DocumentRun& run) const {
    for (std::int64_t row = 0; row < tokens_; row += kLogitRows) {
      const std::int64_t rows = std::min(kLogitRows, rows_ - row);
      const at::Tensor logits = model_.logits(x.narrow(0, row, rows)).contiguous();
      const std::int64_t vocabulary = logits.size(1);
      std::vector<TargetScore> scores(static_cast<std::size_t>(rows));
      parallel_for(rows, product_thread_count(), [&](std::int64_t i) {
        if (row + i + 1 >= tokens_) return;
        scores[i] = score_target(logits.data_ptr<float>() + i * vocabulary, vocabulary,
                                 document_.ids[row + i + 1]);
      });
      for (std::int64_t i = 0; i < rows && row + i + 1 < tokens_; ++i) {
        run.targets.push_back(row + i + 1);
        run.nll_nats.push_back(scores[i].nll_nats);
        run.is_top1.push_back(scores[i].is_top1);
      }
      if (row + rows < tokens_) continue;
      const float* last = logits.data_ptr<float>() + (tokens_ - 1 - row) * vocabulary;
      run.last_logits.assign(last, last + vocabulary);
    }
  }

  const Model& model_;
  const LayerSetup& setup_;
  const TokenDocument& document_;
  std::int64_t tokens_;
  std::int64_t rows_;
};

}  // namespace

std::vector<DocumentRun> replay_stream(const Model& model, const Method& method,
                                       const StreamSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control) {
  const RotaryTable rotary = rotary_for(model, documents);
  const LayerSetup setup = layer_setup(model, settings, documents, rotary);
  std::vector<DocumentRun> runs(documents.size());
  run_tasks(static_cast<std::int64_t>(documents.size()), settings.threads, [&](std::int64_t i) {
    const c10::InferenceMode no_gradients;
    try {
      DocumentReplay(model, setup, documents[i]).run(method, settings.random, control, runs[i]);
    } catch (const Error& error) {
      throw Error(in_document(error.problems(), documents[i].id));
    }
  });
  return runs;
}

}  // namespace pressroom
