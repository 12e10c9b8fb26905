// Which campaigns a list shows, in which order, and what its lines and its JSON say.
#include "report/campaign_list.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "test_folders.h"

namespace pressroom::campaign_list_test {
namespace {

CampaignOverview campaign(const std::string& name, const std::string& date,
                          const std::vector<std::string>& tags = {},
                          CampaignState state = CampaignState::kFinished) {
  CampaignOverview made;
  made.directory = "results/" + name;
  made.labels.name = name;
  made.labels.model = "starter";
  made.labels.tags = tags;
  made.date = parse_utc_time(date);
  made.planned = 80;
  made.done = state == CampaignState::kUnfinished ? 57 : 80;
  made.state = state;
  return made;
}

std::vector<CampaignOverview> some_campaigns() {
  std::vector<CampaignOverview> all = {
      campaign("night", "2026-11-29T23:59:59Z", {"paper"}, CampaignState::kUnfinished),
      campaign("night_2", "2026-11-30T00:00:00Z", {"paper", "second"}),
      campaign("day", "2026-12-01T12:30:00Z", {"second"}, CampaignState::kFailed)};
  all[0].failed = 2;
  all[1].labels.model = "/data/pythia-70m";
  all[2].labels.model = "EleutherAI/pythia-70m";
  return all;
}

CampaignOverview damaged() {
  CampaignOverview made;
  made.directory = "results/broken";
  made.problems = {{"the plan is not whole", "results/broken/plan.json", "a plan", "no JSON", "x"}};
  return made;
}

std::string names(const CampaignFilter& filter) {
  std::string text;
  for (const CampaignOverview& each : filtered(some_campaigns(), filter)) {
    text += (text.empty() ? "" : " ") + each.labels.name;
  }
  return text;
}

TEST(CampaignList, ShowsWhatPassesEveryFilterTheLatestFirst) {
  EXPECT_EQ(names({}), "day night_2 night");
  const struct {
    CampaignFilter filter;
    const char* names;
  } kCases[] = {
      {{{"paper"}, "", "", {}, {}}, "night_2 night"},
      {{{"paper", "second"}, "", "", {}, {}}, "night_2"},
      {{{"pap"}, "", "", {}, {}}, ""},
      {{{}, "pythia-70m", "", {}, {}}, "night_2"},
      {{{}, "*pythia-70m", "", {}, {}}, "day night_2"},
      {{{}, "EleutherAI/pythia-70m", "", {}, {}}, "day"},
      {{{}, "/data/pythia-70m", "", {}, {}}, "night_2"},
      {{{}, "", "night*", {}, {}}, "night_2 night"},
      {{{}, "", "night", {}, {}}, "night"},
      {{{}, "", "night_[0-9]", {}, {}}, "night_2"},
      {{{}, "", "", CampaignState::kFailed, {}}, "day"},
      {{{}, "", "", {}, parse_utc_time("2026-11-30T00:00:00Z")}, "day night_2"},
      {{{"second"}, "", "n*", CampaignState::kFinished, {}}, "night_2"},
  };
  for (const auto& each : kCases) EXPECT_EQ(names(each.filter), each.names);
}

TEST(CampaignList, PutsThoseWithoutADateLastAndEqualDatesByDirectory) {
  std::vector<CampaignOverview> all = {campaign("c", ""), campaign("b", "2026-11-30T00:00:00Z"),
                                       campaign("a", "2026-11-30T00:00:00Z")};
  std::string text;
  for (const CampaignOverview& each : filtered(all, {})) text += each.labels.name;
  EXPECT_EQ(text, "abc");
  CampaignFilter since;
  since.since = parse_utc_time("2000-01-01T00:00:00Z");
  EXPECT_EQ(filtered(all, since).size(), 2u) << "nobody knows whether it is younger";
}

TEST(CampaignList, IsATableOfOneLineEach) {
  std::vector<CampaignOverview> all = filtered(some_campaigns(), {});
  all.push_back(damaged());
  EXPECT_EQ(campaign_list_text(all),
            "name     date (UTC)        model                  cells  failed  state       "
            "tags           directory\n"
            "day      2026-12-01 12:30  EleutherAI/pythia-70m  80/80       0  failed      "
            "second         results/day\n"
            "night_2  2026-11-30 00:00  pythia-70m             80/80       0  finished    "
            "paper, second  results/night_2\n"
            "night    2026-11-29 23:59  starter                57/80       2  unfinished  "
            "paper          results/night\n"
            "                                                                 damaged     "
            "               results/broken\n"
            "\n"
            "results/broken: the plan is not whole: results/broken/plan.json (no JSON)\n");
  EXPECT_EQ(campaign_list_text({}), "");
}

TEST(CampaignList, LetsNoNameSteerATerminalOrMakeALine) {
  CampaignOverview odd = campaign("n\x1b[2J", "", {"a\nb"});
  odd.labels.notes = "one\x1b[2J\ntwo";
  odd.directory = "results/\xc3\xa9\x80";
  odd.problems = {{"odd\nproblem", "\x07", "", "", ""}};
  const std::string text = campaign_list_text({odd}) + campaign_details_text(odd);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_NE(text.find("a b"), std::string::npos);
  EXPECT_NE(text.find("odd problem"), std::string::npos);
  EXPECT_NE(text.find("  notes: one?[2J\n         two\n"), std::string::npos) << text;
}

TEST(CampaignList, GivesNotesAndGroupsOfOneCampaign) {
  CampaignOverview one = campaign("night", "");
  EXPECT_EQ(campaign_details_text(one), "");
  one.labels.notes = "Before the fix.";
  one.labels.dataset_groups = {{"a", "prose"}, {"b", "prose"}};
  one.labels.method_groups = {{"h2o", "heavy hitters"}};
  EXPECT_EQ(campaign_details_text(one),
            "  notes: Before the fix.\n"
            "  datasets, prose: a, b\n"
            "  methods, heavy hitters: h2o\n");
}

TEST(CampaignList, AsJsonIsWhatItsSchemaSays) {
  std::vector<CampaignOverview> all = filtered(some_campaigns(), {});
  all[0].labels.method_groups = {{"h2o", "heavy hitters"}};
  all[0].labels.notes = "a\nb";
  all.push_back(damaged());
  const auto json =
      campaign_list_json(all, {{"a folder could not be looked into", "x", "", "", ""}});
  const auto schema = test_dir() / "../docs/schemas/campaign_list.schema.json";
  EXPECT_EQ(schema_errors(schema, json.dump()), std::vector<std::string>());
  EXPECT_EQ(schema_errors(schema, campaign_list_json({}, {}).dump()), std::vector<std::string>());
  const auto& day = json.at("campaigns").at(0);
  EXPECT_EQ(day.at("name"), "day");
  EXPECT_EQ(day.at("date"), "2026-12-01T12:30:00Z");
  EXPECT_EQ(day.at("cells").dump(), R"({"planned":80,"done":80,"failed":0})");
  EXPECT_EQ(day.at("groups").at("methods").at("h2o"), "heavy hitters");
  EXPECT_TRUE(json.at("campaigns").at(3).at("date").is_null());
  EXPECT_EQ(json.at("campaigns").at(3).at("problems").at(0).at("what"), "the plan is not whole");
}

}  // namespace
}  // namespace pressroom::campaign_list_test
