// Campaigns in a list: which of them are meant, as text and as JSON.
//
//   CampaignFilter filter;
//   filter.tags = {"paper"};
//   std::vector<CampaignOverview> shown = filtered(overviews, filter);
//   std::cout << campaign_list_text(shown);
//
//   name        date (UTC)        model    cells  failed  state       tags   directory
//   night       2026-11-30 18:52  starter  57/80       2  running     paper  results/night
//   quickstart  2026-11-29 09:12  starter  39/39       0  finished           results/quickstart
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "results/campaign_overview.h"
#include "results/history.h"

namespace pressroom {

// What is empty lets every campaign pass. Patterns are those of the shell: *, ? and [...].
struct CampaignFilter {
  std::vector<std::string> tags;  // all of them
  std::string model;  // a pattern for the model's whole name, or the last part of a path
  std::string name;   // a pattern for the campaign's name
  std::optional<CampaignState> state;
  std::optional<UtcTime> since;  // of the campaign's date

  // Whether it asks for what a damaged campaign cannot tell.
  bool asks_for_content() const;
};

bool passes(const CampaignOverview& campaign, const CampaignFilter& filter);

// Those that pass, the latest first, those without a date last, by directory where dates are equal.
std::vector<CampaignOverview> filtered(std::vector<CampaignOverview> campaigns,
                                       const CampaignFilter& filter);

// A table with a head, and below it why damaged ones are damaged; "" where there is no campaign.
// Names and messages are made printable, base/utf8.h.
std::string campaign_list_text(const std::vector<CampaignOverview>& campaigns);

// What is known of one campaign beside its line in the table: notes, and groups of datasets and
// methods; "" where the config gives none of it.
std::string campaign_details_text(const CampaignOverview& campaign);

// The configs that its directory has and had, a line each and what changed with each below it; ""
// where there is one alone.
//
//   configs:
//     1  2026-11-29 09:12 to 2026-11-30 18:52  39 cells, 3 of them in results/x/history/1
//     2  since 2026-11-30 18:52                52 cells
//        methods: snapkv added
std::string configs_text(const std::vector<StoredConfig>& configs);

// docs/schemas/campaign_list.schema.json: the same, complete. `unreadable`: folders that could not
// be looked into.
nlohmann::ordered_json campaign_list_json(const std::vector<CampaignOverview>& campaigns,
                                          const std::vector<Problem>& unreadable);

}  // namespace pressroom
