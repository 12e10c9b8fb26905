// What a campaign's log says of how it goes now: for whoever watches it.
//
//   const CampaignActivity activity = read_activity("results/x", std::time(nullptr));
//   activity.cells_an_hour;            // 1240, over the last ten minutes
//   activity.seconds_of("h2o_s0.9_ctx1024_seed42");   // 190: it has run for so long
//
// The log is events.jsonl. Of several machines that append to one file over NFS lines may be lost,
// and clocks may differ: what stands here is for the eye.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace pressroom {

struct CampaignActivity {
  double cells_an_hour = 0;   // 0: too few of them to tell
  std::size_t takeovers = 0;  // leases of the latest run that ended and were taken over
  std::size_t deaths = 0;     // of its workers, in a cell
  // Of cells that run for some time already, by the names of their leases: the seconds they have
  // run for.
  std::map<std::string, std::int64_t> running_seconds;

  std::optional<std::int64_t> seconds_of(const std::string& lease) const;
};

// Cells that have run for so long are told in the log, and those that are shorter are not.
inline constexpr std::int64_t kLongCellSeconds = 10;

// `now`: seconds since 1970. Lines that are not understood are passed over; nothing is known of a
// directory without a log.
CampaignActivity read_activity(const std::filesystem::path& directory, std::int64_t now);

}  // namespace pressroom
