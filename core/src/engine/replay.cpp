// The replay engine: the answer of token-by-token decoding at about the price of one forward pass.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "engine/cache/layer_setup.h"
#include "engine/recording.h"
#include "engine/replay_layer.h"
#include "engine/run.h"
#include "engine/setup.h"
#include "engine/threads.h"
#include "model/products.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Rows of hidden states that go through the MLP at a time: enough for a product to run at full
// speed, few enough that memory stays small beside the weights.
constexpr std::int64_t kLayerRows = 1024;

// `qkv` [rows,width], of which the first rows are those of the tokens `ids`, with the row of each
// token replaced by that of its first occurrence (engine/cache/layer_setup.h).
at::Tensor settled(const std::vector<std::int64_t>& ids, const at::Tensor& qkv) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(qkv.size(0)));
  std::iota(rows.begin(), rows.end(), 0);
  std::unordered_map<std::int64_t, std::int64_t> first;
  for (std::size_t i = 0; i < ids.size(); ++i) rows[i] = first.try_emplace(ids[i], i).first->second;
  return qkv.index_select(0, at::tensor(rows, at::kLong).to(qkv.device()));
}

class DocumentReplay {
 public:
  DocumentReplay(const Model& model, const LayerSetup& setup, const RunSettings& settings,
                 const TokenDocument& document)
      : model_(model),
        setup_(setup),
        settings_(settings),
        document_(document),
        tokens_(static_cast<std::int64_t>(document.ids.size())),
        rows_(rounded_up(tokens_)),
        schedule_(schedule_of(settings.protocol, settings.plan, tokens_)) {}

  void run(const Method& method, const RunControl& control, DocumentRun& run) {
    run.bytes_per_entry = setup_.entry_layout().bytes();
    std::vector<std::int64_t> ids = document_.ids;
    ids.resize(static_cast<std::size_t>(rows_), 0);
    at::Tensor x = model_.embed(at::tensor(ids, at::kLong));
    const std::int64_t layers = setup_.model.layers;
    const PolicyMaker policies(method, setup_.model, settings_, document_,
                               reconstruction_for(model_, settings_, document_));
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      if (control.stop_requested()) throw Interrupted();
      run_layer(layer, policies, x, run);
      control.on_tokens(tokens_ * (layer + 1) / layers - tokens_ * layer / layers);
    }
    record_sizes(schedule_, run);
    DocumentScorer scorer(model_, schedule_, document_, settings_.keep_distributions, run);
    scorer.add_block(x, 0, tokens_);
    if (settings_.keep_hidden) run.hidden = x.narrow(0, 0, tokens_).to(at::kCPU);
  }

 private:
  // Replaces `x`, [rows,D], by what the layer makes of it.
  void run_layer(std::int64_t layer, const PolicyMaker& policies, at::Tensor& x,
                 DocumentRun& run) const {
    const at::Tensor input = model_.attention_input(layer, x);
    at::Tensor qkv = model_.qkv(layer, input).contiguous();
    if (layer == 0) qkv = settled(document_.ids, qkv);
    at::Tensor projection;
    if (setup_.plan.needs.output_projection) {
      projection = model_.layer(layer).attention_output.weight.widened().to(at::kCPU);
    }
    ReplayLayer replay(
        setup_, schedule_, layer, [&] { return policies.make(layer); }, projection, document_.ids);
    // One layer of each document will do.
    if (layer == tokens_ % setup_.model.layers) replay.probe_causality();
    const at::Tensor attention = replay.attend(input, qkv, product_thread_count());
    run.evictions.push_back(replay.evictions());
    for (std::int64_t row = 0; row < rows_; row += kLayerRows) {
      const std::int64_t rows = std::min(kLayerRows, rows_ - row);
      at::Tensor part = x.narrow(0, row, rows);
      part.copy_(model_.finish_layer(layer, part, attention.narrow(0, row, rows)));
    }
  }

  const Model& model_;
  const LayerSetup& setup_;
  const RunSettings& settings_;
  const TokenDocument& document_;
  std::int64_t tokens_;
  std::int64_t rows_;
  Schedule schedule_;
};

}  // namespace

std::vector<DocumentRun> replay_documents(const Model& model, const Method& method,
                                          const RunSettings& settings,
                                          const std::vector<TokenDocument>& documents,
                                          const RunControl& control) {
  const RotaryTable rotary = rotary_for(model, settings, documents);
  const LayerSetup setup = layer_setup(model, settings, documents, rotary);
  std::vector<DocumentRun> runs(documents.size());
  ProcessGuard process;  // of a policy's calls, which come from several threads
  run_tasks(static_cast<std::int64_t>(documents.size()), settings.threads, [&](std::int64_t i) {
    const c10::InferenceMode no_gradients;
    try {
      DocumentReplay(model, setup, settings, documents[i]).run(method, control, runs[i]);
    } catch (const Error& error) {
      throw Error(in_document(error.problems(), documents[i].id));
    }
  });
  process.check(settings.method);
  return runs;
}

}  // namespace pressroom
