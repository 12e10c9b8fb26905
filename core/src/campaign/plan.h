// From a config to the cells it asks for, before any model is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admission/admitted_run.h"
#include "config/config.h"
#include "engine/run.h"
#include "pressroom/method.h"
#include "results/calibration.h"
#include "results/cell.h"

namespace pressroom {

struct PlannedCell {
  Cell cell;
  std::size_t method = 0;   // index into CampaignConfig::methods
  std::size_t dataset = 0;  // index into CampaignConfig::datasets
  EvictionPlan plan;
  Engine engine = Engine::kReplay;
  // Under `match`, before the calibration: budget and sparsity are not known yet, and stand at
  // those of a cache that keeps everything.
  bool awaits_calibration = false;
};

// What any run of a method as it is used is asked to be, cell or not: its names in messages, how
// keys and values are held, `kv_dtype` where the use does not say, and the constraints that it is
// under. Who sets another protocol puts it under them, too (Protocol::under).
RunTerms terms_of(const PluginUse& use, KvDtype kv_dtype = KvDtype::kFloat32);

// Throws Error for a use that asks for constraints of servers, where a `run` ("generate") takes
// none.
void refuse_constraints(const PluginUse& use, const std::string& run);

// The protocol of a cell: the campaign's, under the constraints of the cell's method.
Protocol protocol_of(const PlannedCell& planned, const CampaignConfig& config);

// What running a cell of `config` is asked to be: all but what depends on the machine and the
// model.
RunTerms terms_of(const PlannedCell& planned, const CampaignConfig& config);

// The folder of a cell's result within the campaign's directory: the dataset's label where there
// are several datasets, else "". And the file itself, relative to the directory.
std::string result_folder(const PlannedCell& planned, const CampaignConfig& config);
std::string result_file(const PlannedCell& planned, const CampaignConfig& config);

// The budget of a single run of `method`, of which `compressed_tokens` tokens are compressed: the
// one that was asked for, or what the sparsity leaves. Throws Error unless exactly one is given.
std::int64_t budget_as_asked(std::optional<std::int64_t> budget_tokens,
                             std::optional<double> sparsity, std::int64_t compressed_tokens,
                             const std::string& method);

// The tokens that `cells` feed, of so many documents each. Throws Error where they are too many to
// count.
std::int64_t total_tokens(const std::vector<PlannedCell>& cells, std::int64_t documents);

// The keys of a method - by its index in the config - that each help against a problem: that make
// `helps` true of its plan for a budget when they are lowered. See helpful_keys() in
// plan_checks.h.
using KeysThatHelp =
    std::function<std::vector<std::string>(std::size_t method, std::int64_t budget_tokens,
                                           const std::function<bool(const EvictionPlan&)>& helps)>;

// All cells, those that share their windows next to each other and dense first among them.
// `methods` are those of the config, configured, in order. Throws Error, with every problem, for a
// budget that does not hold what a method protects, for a method that could not evict anything
// before the last scored target under the protocol (sparsity 0 is allowed: it must reproduce
// dense), and for a label that is too long for the names of files. What is wrong with many cells is
// said once; with `keys`, a message names the keys of a method that would help. Time and memory
// grow with the number of cells, not with their tokens.
//
// Under `match`, cells of the method that is matched to and of those matched have the sparsity that
// `calibration` measured and the budgets it found; without one, the latter await it. A method that
// cannot be matched to, because a budget says what it keeps or because it keeps everything, is a
// problem.
std::vector<PlannedCell> plan_cells(const CampaignConfig& config,
                                    const std::vector<std::unique_ptr<Method>>& methods,
                                    const Calibration* calibration = nullptr,
                                    const KeysThatHelp& keys = {});

}  // namespace pressroom
