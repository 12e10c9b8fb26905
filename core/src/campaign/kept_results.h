// Results that need not be run, brought to the places of their cells before anybody runs these:
// what the directory has under another name or from an earlier config, and what other campaigns
// have.
//
//   restore_results(jobs, directory, leases);        // of its own
//   copy_results(others, jobs, directory, leases);   // of --reuse
#pragma once

#include <vector>

#include "campaign/directory.h"
#include "campaign/jobs.h"
#include "lease/lease.h"
#include "results/results_by_key.h"

namespace pressroom {

// Stores the results that were found elsewhere in the directory (Job::stored_at), with the labels
// of their cells, and gives their traces a name beside them. A cell that another process has, or
// has run meanwhile, is left to that. Throws Error where something cannot be written.
void restore_results(std::vector<Job>& jobs, CampaignDirectory& directory, LeaseFolder& leases);

// Copies what other campaigns have of the cells that have no result.
void copy_results(const ResultsByKey& others, std::vector<Job>& jobs, CampaignDirectory& directory,
                  LeaseFolder& leases);

}  // namespace pressroom
