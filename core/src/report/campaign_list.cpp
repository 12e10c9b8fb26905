#include "report/campaign_list.h"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "base/strings.h"
#include "base/utf8.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kColumns = 8;
using Row = std::array<std::string, kColumns>;

bool matches(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
}

// "2026-11-30T18:52:00Z" to the minute, as people write it.
std::string minute_text(const std::optional<UtcTime>& time) {
  if (!time) return "";
  std::string text = time->text().substr(0, 16);
  text[10] = ' ';
  return text;
}

Row row_of(const CampaignOverview& campaign) {
  // Of a plan that cannot be read there are no numbers.
  const bool is_planned = campaign.planned > 0;
  return {printable_line(campaign.labels.name),
          minute_text(campaign.date),
          printable_line(short_model_name(campaign.labels.model)),
          is_planned ? std::to_string(campaign.done) + "/" + std::to_string(campaign.planned) : "",
          is_planned ? std::to_string(campaign.failed) : "",
          to_string(campaign.state),
          printable_line(joined(campaign.labels.tags)),
          printable_line(campaign.directory.string())};
}

std::string aligned(const std::vector<Row>& rows) {
  constexpr bool kIsNumber[kColumns] = {false, false, false, true, true, false, false, false};
  std::array<std::size_t, kColumns> widths = {};
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < kColumns; ++c)
      widths[c] = std::max(widths[c], characters_of(row[c]));
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < kColumns; ++c) {
      const std::string blanks(widths[c] - characters_of(row[c]), ' ');
      line += (c == 0 ? "" : "  ") + (kIsNumber[c] ? blanks + row[c] : row[c] + blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string damage_line(const CampaignOverview& campaign, const Problem& problem) {
  std::string text = campaign.directory.string() + ": " + problem.what;
  if (!problem.where.empty()) text += ": " + problem.where;
  if (!problem.got.empty()) text += " (" + problem.got + ")";
  return printable_line(text) + '\n';
}

std::string group_lines(const char* head, const std::map<std::string, std::string>& groups) {
  std::map<std::string, std::vector<std::string>> labels;
  for (const auto& [label, group] : groups) labels[group].push_back(label);
  std::string text;
  for (const auto& [group, members] : labels) {
    text += "  " + printable_line(std::string(head) + group + ": " + joined(members)) + '\n';
  }
  return text;
}

Json problems_json(const std::vector<Problem>& problems) {
  Json list = Json::array();
  for (const Problem& problem : problems) {
    list.push_back({{"what", problem.what},
                    {"where", problem.where},
                    {"expected", problem.expected},
                    {"got", problem.got},
                    {"do", problem.fix}});
  }
  return list;
}

}  // namespace

bool CampaignFilter::asks_for_content() const {
  return !tags.empty() || !model.empty() || !name.empty() || since;
}

bool passes(const CampaignOverview& campaign, const CampaignFilter& filter) {
  const CampaignLabels& labels = campaign.labels;
  if (filter.state && campaign.state != *filter.state) return false;
  if (filter.since && (!campaign.date || *campaign.date < *filter.since)) return false;
  if (!filter.name.empty() && !matches(filter.name, labels.name)) return false;
  if (!filter.model.empty() && !matches(filter.model, labels.model) &&
      !matches(filter.model, short_model_name(labels.model))) {
    return false;
  }
  return std::all_of(filter.tags.begin(), filter.tags.end(),
                     [&labels](const std::string& tag) { return labels.has_tag(tag); });
}

std::vector<CampaignOverview> filtered(std::vector<CampaignOverview> campaigns,
                                       const CampaignFilter& filter) {
  const auto fails = [&filter](const CampaignOverview& each) { return !passes(each, filter); };
  campaigns.erase(std::remove_if(campaigns.begin(), campaigns.end(), fails), campaigns.end());
  const auto is_before = [](const CampaignOverview& a, const CampaignOverview& b) {
    if (a.date != b.date) return a.date && (!b.date || *a.date > *b.date);
    return a.directory < b.directory;
  };
  std::sort(campaigns.begin(), campaigns.end(), is_before);
  return campaigns;
}

std::string campaign_list_text(const std::vector<CampaignOverview>& campaigns) {
  if (campaigns.empty()) return "";
  std::vector<Row> rows = {
      {"name", "date (UTC)", "model", "cells", "failed", "state", "tags", "directory"}};
  std::string damage;
  for (const CampaignOverview& campaign : campaigns) {
    rows.push_back(row_of(campaign));
    for (const Problem& problem : campaign.problems) damage += damage_line(campaign, problem);
  }
  return aligned(rows) + (damage.empty() ? "" : "\n" + damage);
}

std::string campaign_details_text(const CampaignOverview& campaign) {
  std::string text;
  // Line by line: a note may not look like a line of the program.
  const std::string notes = printable(campaign.labels.notes);
  for (std::size_t begin = 0; begin < notes.size();) {
    const std::size_t end = std::min(notes.find('\n', begin), notes.size());
    text += (begin == 0 ? "  notes: " : "         ") + notes.substr(begin, end - begin) + '\n';
    begin = end + 1;
  }
  text += group_lines("datasets, ", campaign.labels.dataset_groups);
  text += group_lines("methods, ", campaign.labels.method_groups);
  return text;
}

std::string configs_text(const std::vector<StoredConfig>& configs) {
  if (configs.size() < 2) return "";
  const auto minute = [](const std::string& utc) {
    const std::optional<UtcTime> time = parse_utc_time(utc);
    return time ? minute_text(time) : std::string("(not known)");
  };
  std::string text = "  configs:\n";
  for (const StoredConfig& config : configs) {
    const std::string number = std::to_string(config.number);
    const bool is_present = config.until.empty();
    text += "    " + number + "  " +
            (is_present ? "since " + minute(config.from)
                        : minute(config.from) + " to " + minute(config.until)) +
            "  " + std::to_string(config.cells) + (config.cells == 1 ? " cell" : " cells");
    if (config.in_history > 0) {
      text += ", " + std::to_string(config.in_history) + " of them in " +
              printable_line(config.folder.string());
    }
    text += '\n';
    for (const std::string& change : config.changes) {
      text += std::string(6 + number.size(), ' ') + printable_line(change) + '\n';
    }
  }
  return text;
}

Json campaign_list_json(const std::vector<CampaignOverview>& campaigns,
                        const std::vector<Problem>& unreadable) {
  Json list = Json::array();
  for (const CampaignOverview& campaign : campaigns) {
    const CampaignLabels& labels = campaign.labels;
    list.push_back(
        {{"directory", campaign.directory.string()},
         {"name", labels.name},
         {"date", campaign.date ? Json(campaign.date->text()) : Json()},
         {"model", labels.model},
         {"state", to_string(campaign.state)},
         {"cells",
          {{"planned", campaign.planned}, {"done", campaign.done}, {"failed", campaign.failed}}},
         {"tags", labels.tags},
         {"notes", labels.notes},
         {"groups", {{"datasets", labels.dataset_groups}, {"methods", labels.method_groups}}},
         {"problems", problems_json(campaign.problems)}});
  }
  return {{"schema", "pressroom.campaign_list/1"},
          {"campaigns", std::move(list)},
          {"unreadable", problems_json(unreadable)}};
}

}  // namespace pressroom
