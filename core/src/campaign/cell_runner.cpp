#include "campaign/cell_runner.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "admission/bind_method.h"
#include "campaign/cell_checks.h"
#include "campaign/provenance.h"
#include "campaign/shared_plan.h"
#include "model/products.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Invariant I1 goes by budgets: one of everything must give the dense nll. The budget of a cell
// that is not held to it says nothing, so these are neither checked nor checked against.
bool budget_counts(const EvictionPlan& plan) { return is_held_to_budget(plan) || !evicts(plan); }

void fail(CellResult& result, const std::string& error) {
  result.error = error;
  result.documents.clear();
  result.metrics.clear();
  result.size_curve = {};
}

}  // namespace

CellRunner::CellRunner(const CellRunnerParts& parts)
    : parts_(parts),
      config_(parts.campaign.config),
      repeated_(repeated_methods(parts.directory.path() / "events.jsonl")) {
  if (!needs_of(parts.campaign.metrics).dense) return;
  // As a cell of dense would be run, whose run serves where there is one.
  RunSettings settings;
  settings.protocol = config_.protocol.how;
  settings.positions = config_.positions.value_or(Positions::kOriginal);
  settings.kv_dtype = config_.kv_dtype;
  settings.threads = parts.threads;
  dense_.emplace(settings, choose_engine(config_.engine, EvictionPlan(), ""));
}

const Model& CellRunner::model() {
  if (model_ == nullptr) {
    LoadOptions options;
    options.dtype = parse_weight_dtype(config_.dtype);
    options.device = config_.device;
    options.threads = parts_.threads;
    options.progress = parts_.on_load;
    model_ = Model::load(parts_.model.files, options);
    require_product_room(parts_.threads);
  }
  return *model_;
}

std::int64_t CellRunner::extra_dense_tokens(const std::vector<Job>& jobs) const {
  if (!dense_) return 0;
  std::set<const std::vector<Window>*> begun;  // groups; dense's cell is the first of its group
  std::int64_t tokens = 0;
  for (const Job& job : jobs) {
    if (job.stored || !begun.insert(job.windows).second) continue;
    if (dense_->serves(*job.planned)) continue;
    tokens += job.planned->cell.context_tokens * config_.protocol.documents;
  }
  return tokens;
}

void CellRunner::enter_group(const Job& job) {
  // Cells of the same windows stand next to each other in the plan. What is held for them - the
  // dense run's hidden states above all - is of no use to the next.
  if (std::exchange(group_, job.windows) == job.windows) return;
  if (dense_) dense_->forget();
  good_of_group_.clear();
}

void CellRunner::note(const Job& job, const CellResult& stored) {
  enter_group(job);
  if (stored.error.empty() && budget_counts(job.planned->plan)) good_of_group_.push_back(stored);
}

const CellRunner::MethodFacts& CellRunner::facts_of(std::size_t method) {
  const auto [found, is_new] = facts_.try_emplace(method);
  if (is_new) {
    const PluginUse& use = config_.methods[method];
    found->second = {method_sha256(use, parts_.host), is_installed(use, parts_.host)};
  }
  return found->second;
}

CellResult CellRunner::run(const Job& job) {
  enter_group(job);
  const PlannedCell& planned = *job.planned;
  const PluginUse& use = config_.methods[planned.method];
  const std::string& method = facts_of(planned.method).sha256;
  CellParts parts = parts_of(job);
  const std::optional<Lease> repetition = claim_repetition(planned, method);
  std::optional<LeaseGuard> released;  // when the cell is through, however it ends
  if (repetition) released.emplace(*repetition);
  parts.repeats = repetition.has_value();
  if (!state_) {
    // OpenBLAS begins its threads when it is first told how many: they are the harness's.
    set_product_threads(1);
    state_.emplace();
  }
  CellResult result =
      run_cell(planned, *parts_.campaign.methods[planned.method], *job.windows, parts);
  if (const std::string changed = state_->put_back(); !changed.empty()) {
    is_tainted_ = is_tainted_ || !state_->put_back().empty();
    state_.reset();  // what cannot be put back is not the next method's doing
    if (result.error.empty()) {
      fail(result, Problem{"the method changed the process it runs in", "",
                           "a process as it was before the cell", changed,
                           "have it leave alone what belongs to the harness"}
                       .text());
    }
  }
  // A cell without an error has passed, and neither a later cell nor a later run asks again.
  if (parts.repeats && result.error.empty()) {
    parts_.directory.log_event({{"event", "repeated"}, {"method", use.label}, {"sha256", method}});
    repeated_.insert(method);
  }
  if (result.error.empty() && budget_counts(planned.plan)) {
    compare_with_group(result);
    if (result.error.empty()) good_of_group_.push_back(result);
  }
  result.content_key = job.content_key;
  return result;
}

// A window is run twice in one cell of a method, the first of which it shows, as that doubles its
// time; and by one of the processes that share the campaign. Nothing where this is not that cell.
std::optional<Lease> CellRunner::claim_repetition(const PlannedCell& planned,
                                                  const std::string& method) {
  if (!may_draw(planned) || repeated_.count(method) > 0) return std::nullopt;
  std::optional<Lease> lease = parts_.leases.claim("~repeats-" + method);
  if (!lease) return std::nullopt;
  // Another process may have done it since this one looked.
  repeated_ = repeated_methods(parts_.directory.path() / "events.jsonl");
  if (repeated_.count(method) == 0) return lease;
  lease->release();
  return std::nullopt;
}

CellParts CellRunner::parts_of(const Job& job) {
  const PlannedCell& planned = *job.planned;
  const PluginUse& use = config_.methods[planned.method];
  CellParts parts = {config_,
                     model(),
                     parts_.campaign.metrics,
                     parts_.threads,
                     parts_.control,
                     reconstruction_of(planned.plan, parts_.model.files),
                     dense_ ? &*dense_ : nullptr,
                     {},
                     {}};
  parts.tokenizer = parts_.model.tokenizer.get();
  parts.end_ids = parts_.model.hashes.end_ids;
  // To look takes time: methods of the installation, which its tests have looked at, are spared
  // it unless that is asked for.
  parts.check_views = parts_.campaign.check_views || !facts_of(planned.method).is_installed;
  if (!config_.traces) return parts;
  for (const Window& window : *job.windows) {
    store_token_texts(window, *parts_.model.tokenizer, parts_.directory);
  }
  parts.trace_stem =
      parts_.directory.cell_file(planned.cell, job.folder).replace_extension().string();
  // Documents and their hashes differ from window to window: run_cell fills them in.
  parts.trace_header = {config_.model,
                        use.text(),
                        protocol_of(planned, config_).text(),
                        planned.cell.budget_tokens,
                        planned.cell.positions,
                        "",
                        "",
                        planned.cell.kv_dtype};
  return parts;
}

// A cell that cannot be right beside those of its windows fails. The others stay as they are: which
// of two is wrong, a difference does not tell.
void CellRunner::compare_with_group(CellResult& result) {
  try {
    check_against(result, good_of_group_);
  } catch (const Error& error) {
    fail(result, error.what());
  }
}

}  // namespace pressroom
