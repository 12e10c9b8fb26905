#include "campaign/dense_reference.h"

#include <algorithm>
#include <utility>

#include "admission/admitted_run.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

class NothingLeaves final : public Method {
 public:
  PluginInfo describe() const override { return {"keeps every entry", "", {}}; }
  EvictionPlan plan(std::int64_t) const override { return {}; }
};

}  // namespace

DenseReference::DenseReference(const RunSettings& settings, Engine engine)
    : settings_(settings), engine_(engine) {
  check_protocol(settings.protocol);
  settings_.plan = EvictionPlan();
  settings_.random = RandomKey();
  settings_.keep_hidden = true;
}

void DenseReference::check_protocol(const Protocol& protocol) {
  if (protocol.kind != ProtocolKind::kWindow) return;
  throw Error({"runs under this protocol cannot be compared with the dense run", "protocol",
               "stream, chunked, prefill or questions", protocol.text(),
               "its windows start anew, without hidden states of a whole document: choose another "
               "protocol, or leave the comparison out"});
}

bool DenseReference::serves(const PlannedCell& cell) const {
  return !evicts(cell.plan) && cell.engine == engine_ &&
         cell.cell.positions == settings_.positions &&
         cell.cell.kv_dtype == to_string(settings_.kv_dtype);
}

void DenseReference::take(const std::vector<DocumentRun>& runs) {
  hidden_.clear();
  for (const DocumentRun& run : runs) hidden_.push_back(run.hidden);
}

const std::vector<at::Tensor>& DenseReference::hidden(const Model& model,
                                                      const std::vector<TokenDocument>& documents,
                                                      const RunControl& control) {
  if (is_held()) return hidden_;
  RunTerms terms;
  terms.settings = settings_;
  terms.engine = engine_;
  terms.name = terms.where = "the dense run";
  for (const TokenDocument& document : documents) {
    terms.context_tokens =
        std::max(terms.context_tokens, static_cast<std::int64_t>(document.ids.size()));
  }
  terms.settings.budget_tokens = terms.context_tokens;
  // It goes as far as the runs that are compared with it, whose positions were checked.
  const ModelLimits limits = {model.facts(), /*beyond_positions=*/true, ""};
  const NothingLeaves dense;
  take(AdmittedRun(dense, std::move(terms), limits).run(model, documents, control).documents);
  return hidden_;
}

}  // namespace pressroom
