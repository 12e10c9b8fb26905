// The plan of a directory among all who work on it: one of them writes it, the others take it as it
// is, and who works on it says so.
//
//   SharedPlan plan(directory, leases, stop_requested);
//   plan.write_or_join(jobs, job_parts, revision, command_line);   // `run`
//   plan.join(jobs);                                               // `work`
//   plan.run();                                                  // the name of the run
//   { const LeaseGuard guard(plan.claim_or_wait("aggregates")); write(results); }
//   plan.leave();
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "campaign/directory.h"
#include "campaign/extension.h"
#include "campaign/jobs.h"
#include "lease/lease.h"

namespace pressroom {

// The lease of whoever works on a run begins like this. No cell's does: labels are plain.
std::string work_on(const std::string& run);

// Gives a lease back at the end of its scope.
class LeaseGuard {
 public:
  explicit LeaseGuard(Lease lease) : lease_(std::move(lease)) {}
  ~LeaseGuard() { lease_.release(); }
  LeaseGuard(const LeaseGuard&) = delete;
  LeaseGuard& operator=(const LeaseGuard&) = delete;

 private:
  Lease lease_;
};

// What a run makes of the directory's config; borrowed.
struct PlanRevision {
  const DirectoryConfig& stored;         // as it was when the run began
  const std::string& yaml;               // the frozen config of the run
  const Extension* extension = nullptr;  // that makes the one of the other; nullptr: none is needed
  // calibration.json as it was when the run began; "" for none.
  const std::string& calibration;
};

class SharedPlan {
 public:
  // All are borrowed.
  SharedPlan(CampaignDirectory& directory, LeaseFolder& leases,
             std::function<bool()> stop_requested)
      : directory_(directory), leases_(leases), stop_requested_(std::move(stop_requested)) {}

  // Freezes the config and writes plan and provenance (write_records), for a run of a new name, and
  // puts aside what an extension, or a text or plugin that changed, replaces; or, where others are
  // at work on the plan that is there, joins them. Then calls `settle`, before anybody else may
  // join. Throws what `join` throws, and Error where an extension meets others at work, or another
  // plan than the one it was made for.
  void write_or_join(const std::vector<Job>& jobs, const JobParts& parts,
                     const PlanRevision& revision, const std::vector<std::string>& command_line,
                     const std::function<void()>& settle = {});

  // Throws Error where others work on the directory: its config is theirs.
  void refuse_if_others_are_at_work() const;

  // Takes the plan that is there. Throws Error where it is none that says what cells are made from,
  // or where `jobs` come to something else; Interrupted on request.
  void join(const std::vector<Job>& jobs);

  // StoredPlan::run, after one of these.
  const std::string& run() const { return run_; }

  // This process no longer works on it.
  void leave();

  // The lease on `name`, which another process may have for some time. Throws Interrupted on
  // request.
  Lease claim_or_wait(const std::string& name);

 private:
  bool others_are_at_work() const;
  void take(const std::vector<Job>& jobs, const std::string& remedy);
  void write(const std::vector<Job>& jobs, const JobParts& parts, const PlanRevision& revision,
             const std::vector<std::string>& command_line);
  void say_so();

  CampaignDirectory& directory_;
  LeaseFolder& leases_;
  std::function<bool()> stop_requested_;
  std::string run_;
  std::unique_ptr<Lease> at_work_;  // in the name of the run
};

}  // namespace pressroom
