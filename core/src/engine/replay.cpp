// The replay engine: the answer of token-by-token decoding at about the price of one forward pass.

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <vector>

#include "engine/cache/layer_setup.h"
#include "engine/recording.h"
#include "engine/replay_branches.h"
#include "engine/replay_layer.h"
#include "engine/replayed_rows.h"
#include "engine/run.h"
#include "engine/setup.h"
#include "engine/threads.h"
#include "model/products.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

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
        schedule_(schedule_of(protocol_for(settings, document), settings.plan, tokens_)) {}

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
    record_sizes(schedule_, settings_.protocol.server, run);
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
    finish_rows(model_, layer, attention, x);
  }

  const Model& model_;
  const LayerSetup& setup_;
  const RunSettings& settings_;
  const TokenDocument& document_;
  std::int64_t tokens_;
  std::int64_t rows_;
  Schedule schedule_;
};

// Documents begin .. end - 1, which are replayed together.
struct Documents {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Those with one prompt together, the others each alone.
std::vector<Documents> by_prompt(const std::vector<TokenDocument>& documents) {
  std::vector<Documents> groups;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (i == 0 || !documents[i].same_prompt_as_previous) groups.push_back({i, i});
    groups.back().end = i + 1;
  }
  return groups;
}

}  // namespace

std::vector<DocumentRun> replay_documents(const Model& model, const Method& method,
                                          const RunSettings& settings,
                                          const std::vector<TokenDocument>& documents,
                                          const RunControl& control) {
  const RotaryTable rotary = rotary_for(model, settings, documents);
  const LayerSetup setup = layer_setup(model, settings, documents, rotary);
  std::vector<DocumentRun> runs(documents.size());
  const std::vector<Documents> alone_or_together = by_prompt(documents);
  ProcessGuard process;  // of a policy's calls, which come from several threads
  run_tasks(
      static_cast<std::int64_t>(alone_or_together.size()), settings.threads, [&](std::int64_t i) {
        const c10::InferenceMode no_gradients;
        const Documents& of_task = alone_or_together[i];
        const TokenDocument& first = documents[of_task.begin];
        try {
          if (of_task.begin + 1 == of_task.end) {
            DocumentReplay(model, setup, settings, first).run(method, control, runs[of_task.begin]);
            return;
          }
          std::vector<const TokenDocument*> branches;
          std::vector<DocumentRun*> their_runs;
          for (std::size_t k = of_task.begin; k < of_task.end; ++k) {
            branches.push_back(&documents[k]);
            their_runs.push_back(&runs[k]);
          }
          replay_branches(model, method, setup, settings, branches, control, their_runs);
        } catch (const Error& error) {
          throw Error(in_document(error.problems(), first.id));
        }
      });
  process.check(settings.method);
  return runs;
}

}  // namespace pressroom
