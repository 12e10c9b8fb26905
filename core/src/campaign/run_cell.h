// Runs one cell: the engine, then the collectors.
#pragma once

#include <memory>
#include <vector>

#include "campaign/plan.h"
#include "campaign/sampling.h"
#include "engine/run.h"
#include "model/model.h"
#include "pressroom/metric.h"

namespace pressroom {

// The cell's result without its content key. Throws Interrupted; every other failure is in
// CellResult::error.
CellResult run_cell(const PlannedCell& planned, const Protocol& protocol, const Method& method,
                    const Model& model, const std::vector<Window>& windows,
                    const std::vector<std::unique_ptr<Metric>>& metrics, std::int64_t threads,
                    const RunControl& control);

// SHA-256 over the positions held, layer by layer and head by head.
std::string kept_sha256(const std::vector<std::vector<std::vector<std::int64_t>>>& kept);

}  // namespace pressroom
