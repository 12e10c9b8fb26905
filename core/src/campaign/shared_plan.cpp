#include "campaign/shared_plan.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <random>
#include <thread>

#include "base/sha256.h"
#include "campaign/extend_directory.h"
#include "campaign/leaving_results.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "results/plan_json.h"

namespace pressroom {
namespace {

constexpr std::chrono::milliseconds kPause(200);

// What cannot be another's: 128 bits.
std::string random_name() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t part = random();
    bytes.append(reinterpret_cast<const char*>(&part), sizeof(part));
  }
  return sha256_hex(bytes).substr(0, 32);
}

// Of a directory whose config.yaml is not that of its plan. Where the cells are the same, it says
// the same of the numbers. Else it was written to by hand, and agrees with whoever runs it: nothing
// would ask for an extension, and results of its plan would be replaced.
void refuse_edited_config(const DirectoryConfig& stored, const std::vector<PlannedFile>& cells) {
  const bool is_same =
      std::equal(cells.begin(), cells.end(), stored.plan->cells.begin(), stored.plan->cells.end(),
                 [](const PlannedFile& a, const PlannedFile& b) {
                   return a.file == b.file && a.content_key == b.content_key;
                 });
  if (is_same) return;
  throw Error({"the directory's config.yaml was changed after its plan was made from it",
               (stored.directory / "config.yaml").string(),
               "content with SHA-256 " + stored.plan->config_sha256,
               "SHA-256 " + sha256_hex(stored.yaml) + ", and other cells than those of the plan",
               "put the old content back and run a changed copy of it with --extend, or run this "
               "one in another directory: --out DIR --reuse " +
                   stored.directory.string()});
}

}  // namespace

std::string work_on(const std::string& run) { return "~run-" + run + "-"; }

void SharedPlan::write_or_join(const std::vector<Job>& jobs, const JobParts& parts,
                               const PlanRevision& revision,
                               const std::vector<std::string>& command_line,
                               const std::function<void()>& settle) {
  leases_.sweep();
  const LeaseGuard guard(claim_or_wait("plan"));
  if (others_are_at_work()) {
    if (revision.extension != nullptr) refuse_if_others_are_at_work();
    // What failed in their run is not to be tried again by every one that joins them.
    take(jobs, "wait until they have finished, or stop them, and run it again then");
  } else {
    write(jobs, parts, revision, command_line);
  }
  if (settle) settle();
  say_so();
}

void SharedPlan::write(const std::vector<Job>& jobs, const JobParts& parts,
                       const PlanRevision& revision, const std::vector<std::string>& command_line) {
  const DirectoryConfig& before = revision.stored;
  const DirectoryConfig now = read_directory_config(directory_.path());
  const auto run_of = [](const DirectoryConfig& config) {
    return config.plan ? config.plan->run : std::string();
  };
  const bool is_another = run_of(now) != run_of(before);
  if (is_another &&
      (revision.extension != nullptr || now.difference(revision.yaml).needs_extension())) {
    throw Error({"another run has planned in the directory meanwhile", directory_.path().string(),
                 "the plan that it had when this run began", "another one",
                 "run the same again: it says what that comes to now"});
  }
  // Not before: a config that never ran a cell may still be fixed.
  if (revision.extension != nullptr) {
    put_config_aside(before, planned_files(jobs), texts_of(revision.extension->changes),
                     revision.calibration);
  } else {
    const std::vector<PlannedFile> planned = planned_files(jobs);
    if (now.is_edited) refuse_edited_config(now, planned);
    if (replaces_results(now, planned)) {
      // What the same config says was made from something else: what was is kept, unasked.
      put_config_aside(now, planned, again_messages(jobs), revision.calibration);
    } else {
      take_back(directory_.path());
    }
  }
  run_ = random_name();
  write_records(jobs, parts, revision.yaml, command_line, run_);
}

void SharedPlan::refuse_if_others_are_at_work() const {
  if (!others_are_at_work()) return;
  throw Error({"the directory's config cannot change while others work on it",
               directory_.path().string(), "a directory that nobody works on", "others at work",
               "wait until they have finished (pressroom watch " + directory_.path().string() +
                   "), or stop them, and run the same again"});
}

void SharedPlan::join(const std::vector<Job>& jobs) {
  const LeaseGuard guard(claim_or_wait("plan"));
  take(jobs,
       "use the same version, plugins, model files and texts on all machines, or run the "
       "campaign's config again");
  say_so();
}

void SharedPlan::leave() {
  if (at_work_) at_work_->release();
  at_work_.reset();
}

Lease SharedPlan::claim_or_wait(const std::string& name) {
  for (;;) {
    if (std::optional<Lease> lease = leases_.claim(name)) return std::move(*lease);
    if (stop_requested_()) throw Interrupted();
    std::this_thread::sleep_for(kPause);
  }
}

// Not those that only begin, too, and would plan: they have no lease in a run's name yet.
bool SharedPlan::others_are_at_work() const {
  if (!std::filesystem::exists(directory_.path() / "plan.json")) return false;
  const std::string run = read_plan(directory_.path()).run;
  return !run.empty() && leases_.others_have(work_on(run));
}

void SharedPlan::take(const std::vector<Job>& jobs, const std::string& remedy) {
  const std::filesystem::path file = directory_.path() / "plan.json";
  const StoredPlan stored = read_plan(directory_.path());
  if (stored.run.empty()) {
    throw Error({"the plan does not say what its cells are made from", file.string(),
                 "a plan as this version writes it", "one of an earlier version",
                 "run the campaign's config in the directory again: its results stay"});
  }
  for (std::size_t i = 0; i < jobs.size() || i < stored.cells.size(); ++i) {
    const std::string planned = i < stored.cells.size() ? stored.cells[i].content_key : "no cell";
    const std::string here = i < jobs.size() ? jobs[i].content_key : "no cell";
    if (planned == here) continue;
    // As a rule it is the same with all of them: the first is told.
    throw Error(
        {"a cell would be made from something else here than in the plan that others work on",
         i < stored.cells.size() ? stored.cells[i].file : file.string(), "content key " + planned,
         here, remedy});
  }
  run_ = stored.run;
}

void SharedPlan::say_so() {
  const std::optional<Lease> lease = leases_.claim(work_on(run_) + random_name());
  if (lease) at_work_ = std::make_unique<Lease>(*lease);
}

}  // namespace pressroom
