#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "base/utc_time.h"
#include "base/utf8.h"
#include "command.h"
#include "pressroom/error.h"
#include "report/campaign_list.h"
#include "results/campaign_overview.h"
#include "results/find_campaigns.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr const char* kUsualFolder = "results";

CampaignState state_from(const std::string& word) {
  if (const std::optional<CampaignState> state = campaign_state_named(word)) return *state;
  throw Error({"--state cannot be understood", "",
               "running, finished, failed, unfinished or damaged", word, "give one of them"});
}

// A day, from its first moment, or a moment.
UtcTime since_from(const std::string& word) {
  std::optional<UtcTime> time = parse_utc_time(word);
  if (!time) time = parse_utc_time(word + "T00:00:00Z");
  if (time) return *time;
  throw Error({"--since is no date", "", "a day or a moment, in UTC", word,
               "write it as 2026-11-30 or 2026-11-30T18:00:00Z"});
}

CampaignFilter filter_from(const po::variables_map& values) {
  const auto word = [&values](const char* name) {
    return values.count(name) > 0 ? values[name].as<std::string>() : std::string();
  };
  CampaignFilter filter;
  if (values.count("tag") > 0) filter.tags = values["tag"].as<Words>();
  filter.model = word("model");
  filter.name = word("name");
  if (values.count("state") > 0) filter.state = state_from(word("state"));
  if (values.count("since") > 0) filter.since = since_from(word("since"));
  return filter;
}

std::vector<fs::path> folders_from(const po::variables_map& values) {
  std::vector<fs::path> folders;
  if (values.count("folder") == 0) {
    std::error_code ignored;
    if (fs::exists(kUsualFolder, ignored)) folders.emplace_back(kUsualFolder);
    return folders;
  }
  for (const std::string& folder : values["folder"].as<Words>()) folders.emplace_back(folder);
  return folders;
}

// What the filters cannot be asked of, and what could not be looked into.
void warn_of_gaps(const std::vector<CampaignOverview>& all, const CampaignFilter& filter,
                  const FoundCampaigns& found) {
  std::size_t damaged = 0;
  for (const CampaignOverview& each : all) damaged += each.state == CampaignState::kDamaged;
  if (damaged > 0 && filter.asks_for_content()) {
    spdlog::warn("{}; pressroom list results --state damaged shows why",
                 damaged == 1 ? "a campaign is damaged, and may have been left out"
                              : std::to_string(damaged) +
                                    " campaigns are damaged, and may have been left out");
  }
  for (const Problem& problem : found.unreadable) spdlog::warn("{}", problem.text());
}

// A history that cannot be read does not hide the campaign.
std::string configs_of(const CampaignOverview& campaign) {
  if (campaign.state == CampaignState::kDamaged) return "";
  try {
    return configs_text(read_history(campaign.directory));
  } catch (const Error& error) {
    for (const Problem& problem : error.problems()) spdlog::warn("{}", problem.text());
    return "";
  }
}

}  // namespace

int command_list_results(const Words& words) {
  po::options_description options("options");
  options.add_options()("tag", po::value<Words>()->composing()->value_name("TAG"),
                        "with this tag; given several times: with all of them")(
      "model", po::value<std::string>()->value_name("MODEL"),
      "of this model: its name, or the last part of its path; may have * and ?")(
      "state", po::value<std::string>()->value_name("STATE"),
      "running, finished, failed, unfinished or damaged")(
      "since", po::value<std::string>()->value_name("DATE"),
      "whose last run or result is not older: 2026-11-30, or a time in UTC")(
      "name", po::value<std::string>()->value_name("PATTERN"),
      "of a name that fits: may have * and ?")("json", "one JSON object instead of a table");
  const po::variables_map values =
      parse_words(words, "list results [FOLDER ...] [OPTIONS]", options, {"folder...?"});
  const CampaignFilter filter = filter_from(values);
  const std::vector<fs::path> folders = folders_from(values);
  const FoundCampaigns found = find_campaigns(folders);
  std::vector<CampaignOverview> all;
  for (const fs::path& directory : found.directories) all.push_back(read_overview(directory));
  const std::vector<CampaignOverview> shown = filtered(all, filter);
  warn_of_gaps(all, filter, found);
  if (values.count("json") > 0) {
    std::cout << json_text(campaign_list_json(shown, found.unreadable));
    return kDone;
  }
  std::cout << campaign_list_text(shown);
  for (const CampaignOverview& campaign : shown) {
    // Of a directory that was asked for by its own name, what has no room in a table.
    if (std::find(folders.begin(), folders.end(), campaign.directory) == folders.end()) continue;
    const std::string details = campaign_details_text(campaign) + configs_of(campaign);
    if (details.empty()) continue;
    std::cout << '\n' << printable_line(campaign.labels.name) << '\n' << details;
  }
  if (shown.empty()) {
    spdlog::info("{}", all.empty() ? "there is no campaign here"
                                   : "none of the campaigns here is asked for by these filters");
  }
  return kDone;
}

}  // namespace pressroom
