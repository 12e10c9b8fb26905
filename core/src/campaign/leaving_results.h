// Which results of a directory have no place in the next plan: those whose cells leave it, and
// those whose files are to hold others.
//
//   if (replaces_results(stored, planned)) put_config_aside(stored, planned, changes, calibration);
#pragma once

#include <set>
#include <string>
#include <vector>

#include "campaign/extension.h"
#include "results/plan_json.h"

namespace pressroom {

// The files of both plans, relative to the directory, that do not hold, or will not hold, what the
// directory has there. `stored` has a plan.
std::set<std::string> leaving_files(const DirectoryConfig& stored,
                                    const std::vector<PlannedFile>& now);

// Whether the directory has any of them: under one config too, where a text or a plugin changed.
// One that an interrupted run has put aside counts.
bool replaces_results(const DirectoryConfig& stored, const std::vector<PlannedFile>& now);

}  // namespace pressroom
