// What `run` does when a run has ended: the command of the config's `on_end`.
//
//   const EndOfRun end(source);   // says which command it will be
//   RunTally tally(progress);
//   return end.follow(tally, [&] { return supervise(settings, body, tally, ...); });
#pragma once

#include <filesystem>
#include <functional>

#include "campaign_runs.h"
#include "config/preview.h"
#include "work/run_tally.h"

namespace pressroom {

class EndOfRun {
 public:
  // Says on standard error that there is a command, and which: nobody runs one of a stranger's
  // config unseen. Nothing where `source` is not to be followed by one, or has none.
  explicit EndOfRun(const CampaignSource& source);

  // Returns and throws what `run` does, which tells `tally` what becomes of the cells. Where these
  // were planned the command is run in between, however the run has ended; what goes wrong with it
  // is a warning.
  int follow(const RunTally& tally, const std::function<int()>& run) const;

 private:
  CampaignPreview campaign_;         // without `on_end` where nothing follows
  std::filesystem::path directory_;  // absolute
};

}  // namespace pressroom
