#include "results/campaign_activity.h"

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/utc_time.h"
#include "base/whole_file.h"

namespace pressroom {
namespace {

constexpr std::int64_t kWindowSeconds = 600;
// A rate from fewer cells, or from a shorter time, would jump.
constexpr std::size_t kFewestCells = 3;
constexpr std::int64_t kShortestSeconds = 5;

class ActivityLog {
 public:
  explicit ActivityLog(std::int64_t now) : now_(now) {}

  void take(std::string_view line) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return;
    const std::string event = text_in(json, "event");
    const std::optional<UtcTime> moment = parse_utc_time(text_in(json, "time"));
    if (!moment) return;
    const std::int64_t time = moment->seconds;
    if (event == "begin") {
      // Others may have joined: what they have begun to run goes on.
      begun_ = time;
      finished_.clear();
      activity_.takeovers = 0;
      activity_.deaths = 0;
    } else if (event == "cell runs") {
      activity_.running_seconds[text_in(json, "lease")] =
          std::max<std::int64_t>(0, now_ - time + kLongCellSeconds);
    } else if (event == "cell" || event == "cell failed") {
      finished_.push_back(time);
    } else if (event == "lease taken over") {
      ++activity_.takeovers;
    } else if (event == "worker ended") {
      ++activity_.deaths;
    }
  }

  CampaignActivity activity() {
    const std::int64_t since = std::max(begun_, now_ - kWindowSeconds);
    const auto cells = static_cast<std::size_t>(
        std::count_if(finished_.begin(), finished_.end(),
                      [&](std::int64_t time) { return time >= since && time <= now_; }));
    if (cells >= kFewestCells && now_ - since >= kShortestSeconds) {
      activity_.cells_an_hour =
          3600.0 * static_cast<double>(cells) / static_cast<double>(now_ - since);
    }
    return activity_;
  }

 private:
  static std::string text_in(const nlohmann::json& json, const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  }

  std::int64_t now_;
  std::int64_t begun_ = 0;
  std::deque<std::int64_t> finished_;  // when each cell of the latest run was
  CampaignActivity activity_;
};

}  // namespace

std::optional<std::int64_t> CampaignActivity::seconds_of(const std::string& lease) const {
  const auto found = running_seconds.find(lease);
  if (found == running_seconds.end()) return std::nullopt;
  return found->second;
}

CampaignActivity read_activity(const std::filesystem::path& directory, std::int64_t now) {
  ActivityLog log(now);
  const std::string text = text_of_file(directory / "events.jsonl");
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    log.take(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  return log.activity();
}

}  // namespace pressroom
