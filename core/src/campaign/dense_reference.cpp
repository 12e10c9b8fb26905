#include "campaign/dense_reference.h"

#include <algorithm>

#include "engine/invariants.h"
#include "pressroom/error.h"
#include "protocol/plan_facts.h"

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
               "stream, chunked or prefill", protocol.text(),
               "its windows start anew, without hidden states of a whole document: choose another "
               "protocol, or leave the comparison out"});
}

bool DenseReference::serves(const PlannedCell& cell) const {
  return !evicts(cell.plan) && cell.engine == engine_ && cell.cell.positions == settings_.positions;
}

void DenseReference::take(const std::vector<DocumentRun>& runs) {
  hidden_.clear();
  for (const DocumentRun& run : runs) hidden_.push_back(run.hidden);
}

const std::vector<at::Tensor>& DenseReference::hidden(const Model& model,
                                                      const std::vector<TokenDocument>& documents,
                                                      const RunControl& control) {
  if (is_held()) return hidden_;
  RunSettings settings = settings_;
  for (const TokenDocument& document : documents) {
    settings.budget_tokens =
        std::max(settings.budget_tokens, static_cast<std::int64_t>(document.ids.size()));
  }
  const std::vector<DocumentRun> runs =
      run_documents(engine_, model, NothingLeaves(), settings, documents, control);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    check_invariants(runs[i], settings, documents[i]);
  }
  take(runs);
  return hidden_;
}

}  // namespace pressroom
