#include "end_of_run.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>

#include "base/utc_time.h"
#include "base/utf8.h"
#include "engine/run.h"
#include "work/end_hook.h"

namespace pressroom {

EndOfRun::EndOfRun(const CampaignSource& source) {
  if (!source.has_end_hook) return;
  campaign_ = preview_campaign(source.config, source.overrides);
  if (campaign_.on_end.empty()) return;
  directory_ = std::filesystem::absolute(source.directory.empty() ? campaign_.usual_directory()
                                                                  : source.directory);
  spdlog::info("on_end: {}", printable_line(campaign_.on_end));
}

int EndOfRun::follow(const RunTally& tally, const std::function<int()>& run) const {
  if (campaign_.on_end.empty()) return run();
  RunSummary summary;
  summary.started = utc_now();
  const auto begun = std::chrono::steady_clock::now();
  std::exception_ptr thrown;
  summary.exit_code = kWrongRequest;
  try {
    summary.exit_code = run();
  } catch (const Interrupted&) {
    thrown = std::current_exception();
    summary.exit_code = kInterrupted;
  } catch (...) {
    thrown = std::current_exception();
  }
  // Without a plan it was the request that was wrong, and nothing has run.
  if (const std::optional<RunCounts> counts = tally.counts()) {
    summary.name = campaign_.name;
    summary.directory = directory_;
    summary.tags = campaign_.tags;
    summary.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    summary.cells = *counts;
    const auto say = [](const std::string& line) { spdlog::info("on_end: {}", line); };
    const std::optional<Problem> problem = run_end_hook(campaign_.on_end, summary, say);
    if (problem) spdlog::warn("{}", problem->text());
  }
  if (thrown) std::rethrow_exception(thrown);
  return summary.exit_code;
}

}  // namespace pressroom
