#include "work/cell_deaths.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "lease/lease.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

constexpr int kDeathsOfAMethod = 3;

}  // namespace

std::optional<CellResult> CellDeaths::take(WorkerProcess& worker, const CellInWork& work) {
  if (work.index >= plan_.cells.size()) return std::nullopt;
  const PlannedFile& planned = plan_.cells[work.index];
  const std::filesystem::path file(planned.file);
  const Death death = worker.death();
  CellResult result;
  result.cell = planned.cell;
  result.content_key = planned.content_key;
  result.run = plan_.run;
  result.seconds = std::chrono::duration<double>(WorkerProcess::Clock::now() - work.begun).count();
  result.error = problem_of(death, worker.board(), worker.log()).text();
  directory_.log_event({{"event", "worker ended"}, {"cell", planned.file}, {"error", result.error}},
                       Sync::kLater);
  if (may_pass_by(death) && tries_[work.index]++ < retries_) return std::nullopt;
  // Whose lease was taken over, another process answers for the cell; and the worker may have
  // stored its result before it could say so.
  if (!has_lease(worker.lease_file, lease_name(file)) || has_result(planned)) return std::nullopt;
  directory_.store_cell(result, file.parent_path().string());
  directory_.log_event({{"event", "cell failed"},
                        {"cell", file.stem().string()},
                        {"dataset", planned.cell.dataset},
                        {"seconds", result.seconds},
                        {"error", result.error}});
  if (!may_pass_by(death)) ++deaths_of_[planned.cell.method];
  return result;
}

bool CellDeaths::is_enough(const std::string& method) const {
  const auto found = deaths_of_.find(method);
  return found != deaths_of_.end() && found->second >= kDeathsOfAMethod;
}

// Whether the cell has what the plan asks for.
bool CellDeaths::has_result(const PlannedFile& planned) const {
  const std::optional<CellResult> stored = read_result(directory_.path() / planned.file);
  return stored && stored->error.empty() && stored->content_key == planned.content_key;
}

}  // namespace pressroom
