#include "report/watch.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "base/utf8.h"
#include "report/table/results_table.h"
#include "report/table/shown_metrics.h"
#include "stats/comparison.h"

namespace pressroom {
namespace {

constexpr const char* kEarly =
    "The campaign is not complete: intervals and p will change, and p does not allow for looking "
    "before the end.";

bool left(const CellResult& result) { return result.error == kNotRun; }

bool ran(const CellResult& result) { return result.error.empty(); }

// Seconds for each token of the context, over cells.
struct Pace {
  double seconds = 0;
  double tokens = 0;

  void add(const CellResult& result) {
    seconds += result.seconds;
    tokens += static_cast<double>(result.cell.context_tokens);
  }
};

// Without the groups that there is nothing of yet.
std::vector<CellResult> begun(const std::vector<CellResult>& results) {
  const auto group = [](const Cell& cell) {
    return std::make_tuple(cell.method, cell.sparsity, cell.dataset, cell.context_tokens);
  };
  std::set<decltype(group(Cell()))> there;
  for (const CellResult& result : results) {
    if (!left(result)) there.insert(group(result.cell));
  }
  std::vector<CellResult> kept;
  std::copy_if(results.begin(), results.end(), std::back_inserter(kept),
               [&](const CellResult& result) { return there.count(group(result.cell)) > 0; });
  return kept;
}

// Workers that have cells share what is left.
std::string to_go(const StoredCampaign& campaign, std::size_t cells_left) {
  TimeLeft time = time_left(campaign.results);
  const auto at_work =
      std::count_if(campaign.workers.begin(), campaign.workers.end(),
                    [](const CampaignWorker& worker) { return !worker.has_ended; });
  if (at_work > 1) time.seconds /= static_cast<double>(at_work);
  if (time.unknown == cells_left) return "";
  const std::string about = time.seconds < 60 ? "" : "about ";
  const std::string text = ", " + about + rough_duration(time.seconds) + " to go";
  if (time.unknown == 0) return text;
  return fmt::format(
      "{} for {} of the {} cells left: methods of the others have not been timed yet", text,
      cells_left - time.unknown, cells_left);
}

// "1200 cells an hour": two digits, as it is of the last minutes. "" where it is not known.
std::string pace_text(double cells_an_hour) {
  if (!(cells_an_hour >= 1)) return "";
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(cells_an_hour)) - 1));
  return fmt::format(", {:.0f} cells an hour", std::round(cells_an_hour / unit) * unit);
}

std::string state_line(const StoredCampaign& campaign, const CampaignActivity& activity,
                       std::size_t failed) {
  const std::size_t cells = campaign.results.size();
  std::string line = fmt::format("{}: {} of {} cells done", printable_line(campaign.name),
                                 campaign.finished(), cells);
  const auto aside =
      std::count_if(campaign.results.begin(), campaign.results.end(),
                    [](const CellResult& result) { return result.error == kPutAside; });
  if (failed > 0) line += fmt::format(", {} of them failed", failed);
  if (aside > 0) line += fmt::format(" ({} put aside)", aside);
  if (campaign.complete()) return line + "; complete\n";
  if (!campaign.running) {
    return line + "; no run is going on: the same command as before finishes it\n";
  }
  return line + "; running" + pace_text(activity.cells_an_hour) +
         to_go(campaign, cells - campaign.finished()) + "\n";
}

// What went wrong with workers, and who has which cell.
std::string worker_lines(const StoredCampaign& campaign, const CampaignActivity& activity) {
  std::string text;
  const auto add = [&text](std::size_t count, const char* one, const char* many) {
    if (count > 0) text += fmt::format("  {} {}\n", count, count == 1 ? one : many);
  };
  add(activity.deaths, "worker ended in a cell", "workers ended in a cell");
  add(activity.takeovers, "lease ended and was taken over", "leases ended and were taken over");
  for (const CampaignWorker& worker : campaign.workers) {
    std::string cells;
    for (const std::string& cell : worker.cells) {
      cells += (cells.empty() ? "" : ", ") + cell;
      const std::optional<std::int64_t> seconds = activity.seconds_of(cell);
      if (seconds && !worker.has_ended) {
        cells += ", for " + rough_duration(static_cast<double>(*seconds));
      }
    }
    text += fmt::format(
        "  {}: {}{}\n",
        worker.name.empty() ? "a process that cannot be read of" : printable_line(worker.name),
        printable_line(cells), worker.has_ended ? ", but it has ended" : "");
  }
  return text;
}

// What is still to be run is told by the first line.
void leave_out_cells_to_come(ResultsTable& table) {
  const std::string end = std::string(": ") + kNotRun;
  const auto to_come = [&end](const std::string& failure) {
    return failure.size() >= end.size() &&
           failure.compare(failure.size() - end.size(), end.size(), end) == 0;
  };
  table.failures.erase(std::remove_if(table.failures.begin(), table.failures.end(), to_come),
                       table.failures.end());
}

void note_partial(const ComparisonReport& report, ResultsTable& table) {
  std::string names;
  for (const Comparison& comparison : report.to_baseline.comparisons) {
    if (comparison.partial.empty()) continue;
    names += (names.empty() ? "" : ", ") + comparison.name + " (" + comparison.partial + ")";
  }
  if (!names.empty()) table.notes.push_back("In part: " + names + ".");
  table.notes.push_back(kEarly);
}

}  // namespace

TimeLeft time_left(const std::vector<CellResult>& results) {
  std::map<std::string, Pace> methods;
  std::map<std::pair<std::string, std::int64_t>, Pace> contexts;
  for (const CellResult& result : results) {
    if (!ran(result)) continue;
    methods[result.cell.method].add(result);
    contexts[{result.cell.method, result.cell.context_tokens}].add(result);
  }
  TimeLeft time;
  for (const CellResult& result : results) {
    if (!left(result)) continue;
    const Cell& cell = result.cell;
    const auto method = methods.find(cell.method);
    if (method == methods.end()) {
      ++time.unknown;
      continue;
    }
    const auto same = contexts.find({cell.method, cell.context_tokens});
    const Pace& pace = same == contexts.end() ? method->second : same->second;
    time.seconds += static_cast<double>(cell.context_tokens) * pace.seconds / pace.tokens;
  }
  return time;
}

std::string rough_duration(double seconds) {
  if (seconds < 60) return "less than a minute";
  const auto minutes = static_cast<std::int64_t>(std::llround(seconds / 60));
  if (minutes < 60) return fmt::format("{} min", minutes);
  const std::int64_t hours = minutes / 60;
  if (hours < 48) return fmt::format("{} h {} min", hours, minutes % 60);
  return fmt::format("{} days {} h", hours / 24, hours % 24);
}

CampaignView view_campaign(const StoredCampaign& campaign, const CampaignActivity& activity,
                           bool colour) {
  CampaignView view;
  view.failed = static_cast<std::size_t>(
      std::count_if(campaign.results.begin(), campaign.results.end(),
                    [](const CellResult& result) { return !ran(result) && !left(result); }));
  view.text = state_line(campaign, activity, view.failed) + worker_lines(campaign, activity);
  const std::vector<CellResult> results = begun(campaign.results);
  if (results.empty()) return view;
  CompareOptions options;
  options.partial = true;
  // The table shows no bootstrap interval.
  options.resamples = 0;
  const ShownMetrics shown = shown_metrics(campaign);
  const ComparisonReport report = compare_shown(results, options, shown);
  view.suspect = !report.findings.empty();
  ResultsTable table = results_table(results, report, shown.columns);
  if (!campaign.complete()) {
    leave_out_cells_to_come(table);
    note_partial(report, table);
  }
  view.text += "\n" + table_text(table, colour);
  return view;
}

}  // namespace pressroom
