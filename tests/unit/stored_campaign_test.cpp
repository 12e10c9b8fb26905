#include "results/stored_campaign.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <functional>

#include "campaign_writer.h"
#include "lease/lease.h"
#include "pressroom/error.h"
#include "result_builder.h"
#include "scratch_folder.h"

namespace pressroom::stored_campaign_test {
namespace {

namespace fs = std::filesystem;

std::vector<CellResult> three_cells() {
  return {made_cell("dense", 0, 42, {1, 2}), made_cell("h2o", 0.9, 42, {1.1, 2.2}),
          made_cell("cab", 0.9, 42, {1.3, 2.1})};
}

std::vector<Problem> refusal_of(const fs::path& directory) {
  try {
    read_campaign(directory);
  } catch (const Error& error) {
    return error.problems();
  }
  return {};
}

void replace_in(const fs::path& file, const std::string& from, const std::string& to) {
  std::string text = read_file(file);
  const std::size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << file;
  write_file_atomically(file, text.replace(at, from.size(), to));
}

TEST(StoredCampaign, GivesBackWhatARunLeft) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "quick", three_cells());
  const StoredCampaign stored = read_campaign(folder.path());
  EXPECT_EQ(stored.name, "quick");
  ASSERT_EQ(stored.results.size(), 3u);
  EXPECT_EQ(stored.results[1].cell.method, "h2o");
  EXPECT_EQ(stored.results[1].documents[1].sum_nll_nats, 8.8);
  EXPECT_FALSE(stored.plan[0].evicts);
  EXPECT_EQ(stored.plan[1].engine, "replay");
  EXPECT_EQ(stored.config["protocol"]["context"][0], "1024");  // text, not a number
  EXPECT_EQ(stored.config["methods"][0]["recent"], "0.2");
  EXPECT_EQ(stored.provenance["model"]["name"], "starter");
  EXPECT_TRUE(stored.complete());
  EXPECT_FALSE(stored.running);
  EXPECT_FALSE(fs::exists(folder.path() / ".lock"));
  EXPECT_EQ(stored.cell_file(stored.results[1].cell),
            folder.path() / "h2o_s0.9_ctx1024_seed42.json");
}

TEST(StoredCampaign, ACellWhoseTurnHasNotComeStandsInItsPlace) {
  const ScratchFolder folder;
  std::vector<CellResult> results = three_cells();
  results[1].error = kNotRun;
  results[2] = failed_cell("cab", 0.9, 42, "out of memory");
  write_campaign(folder.path(), "half", results);
  const StoredCampaign stored = read_campaign(folder.path());
  ASSERT_EQ(stored.results.size(), 3u);
  EXPECT_EQ(stored.results[1].error, kNotRun);
  EXPECT_EQ(stored.results[1].cell.method, "h2o");
  EXPECT_EQ(stored.results[2].error, "out of memory");
  EXPECT_EQ(stored.finished(), 2u);
  EXPECT_FALSE(stored.complete());
  EXPECT_NO_THROW(require_results(stored));
}

TEST(StoredCampaign, ACellThatALossOfPowerToreIsStillToBeRun) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "torn", three_cells());
  write_file_atomically(folder.path() / "h2o_s0.9_ctx1024_seed42.json", "");
  const StoredCampaign stored = read_campaign(folder.path());
  EXPECT_EQ(stored.results[1].error, kNotRun);
  EXPECT_EQ(stored.finished(), 2u);
}

TEST(StoredCampaign, WithoutAnyResultThereIsNothingToShow) {
  const ScratchFolder folder;
  std::vector<CellResult> results = three_cells();
  for (CellResult& result : results) result.error = kNotRun;
  write_campaign(folder.path(), "none", results);
  const StoredCampaign stored = read_campaign(folder.path());
  EXPECT_EQ(stored.finished(), 0u);
  EXPECT_THROW(require_results(stored), Error);
}

TEST(StoredCampaign, SeesAProcessThatWorksOnItAndLeavesItAlone) {
  const ScratchFolder folder;
  write_campaign(folder.path(), "running", three_cells());
  {
    const LeaseFolder worker(folder.path() / "leases", std::chrono::seconds(60));
    EXPECT_TRUE(read_campaign(folder.path()).running);
    EXPECT_TRUE(fs::exists(worker.file()));
  }
  EXPECT_FALSE(read_campaign(folder.path()).running);
}

TEST(StoredCampaign, SaysWhyThereIsNoCampaign) {
  const ScratchFolder folder;
  const fs::path old = folder.path() / "old";
  write_file_atomically(old / "config.yaml", "name: old\n");
  const fs::path cells_alone = folder.path() / "cells";
  write_file_atomically(cells_alone / "h2o_s0.9_ctx512_seed42.json", "{}");
  fs::create_directory(folder.path() / "empty");
  write_file_atomically(folder.path() / "file", "text");
  const std::pair<const char*, const char*> cases[] = {
      {"nowhere", "the campaign's directory is not there"},
      {"file", "the campaign is no directory"},
      {"empty", "there is no campaign here"},
      {"old", "the directory holds a campaign of another version"},
      {"cells", "the directory holds a campaign of another version"}};
  for (const auto& [name, what] : cases) {
    const std::vector<Problem> problems = refusal_of(folder.path() / name);
    ASSERT_EQ(problems.size(), 1u) << name;
    EXPECT_EQ(problems[0].what, what);
    EXPECT_EQ(problems[0].where, (folder.path() / name).string());
    EXPECT_FALSE(problems[0].fix.empty());
  }
}

TEST(StoredCampaign, ListsEveryDamagedFileAtOnce) {
  const ScratchFolder folder;
  std::vector<CellResult> results = three_cells();
  for (const char* method : {"renamed", "old", "gone", "folder"}) {
    results.push_back(made_cell(method, 0.9, 42, {1, 2}));
  }
  write_campaign(folder.path(), "damaged", results);
  const auto file = [&folder](const std::string& method) {
    return folder.path() / (method + "_s0.9_ctx1024_seed42.json");
  };
  replace_in(file("h2o"), "\"sum_nll_nats\": 8.8", "\"sum_nll_nats\": 8.0");
  write_file_atomically(file("cab"), read_file(file("cab")).substr(0, 300));
  fs::copy_file(file("h2o"), folder.path() / "kept");
  fs::copy_file(folder.path() / "dense_s0.0_ctx1024_seed42.json", file("renamed"),
                fs::copy_options::overwrite_existing);
  replace_in(file("old"), "pressroom.cell/", "pressroom.cell/old");
  fs::remove(file("gone"));
  fs::remove(file("folder"));
  fs::create_directory(file("folder"));
  write_file_atomically(folder.path() / "config.yaml", "a: [");
  write_file_atomically(folder.path() / "provenance.json", "{\"a\": ");
  std::vector<std::string> what;
  for (const Problem& problem : refusal_of(folder.path())) what.push_back(problem.what);
  ASSERT_EQ(what.size(), 7u);  // "gone" is not damaged: its turn has not come
  EXPECT_EQ(what[0], "a file of the campaign was changed after it was written");
  EXPECT_EQ(what[1], "a file of the campaign was changed after it was written");
  EXPECT_EQ(what[2], "a result was changed after it was written");
  EXPECT_EQ(what[3], "a result is not whole");
  EXPECT_EQ(what[4], "a file holds another cell than the plan says");
  EXPECT_EQ(what[5], "a result is of another version");
  EXPECT_EQ(what[6], "a file of the campaign cannot be read");
}

TEST(StoredCampaign, KeepsDatasetsApartAndFindsTracesByWindow) {
  const ScratchFolder folder;
  std::vector<CellResult> results = three_cells();
  results[2].cell.dataset = "news";
  write_campaign(folder.path(), "two", results);
  for (const char* window : {"10", "2", "0", "x", ""}) {
    write_file_atomically(
        folder.path() / "news" / ("cab_s0.9_ctx1024_seed42." + std::string(window) + ".trace"),
        "trace");
  }
  const StoredCampaign stored = read_campaign(folder.path());
  std::vector<std::string> names;
  for (const fs::path& trace : stored.traces_of(stored.results[2].cell)) {
    names.push_back(trace.parent_path().filename().string() + "/" +
                    trace.stem().extension().string());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"news/.0", "news/.2", "news/.10"}));
  EXPECT_TRUE(stored.traces_of(stored.results[0].cell).empty());
}

TEST(PlanJson, IsRefusedWhenItWasChangedOrReachesOutside) {
  const PlannedFile planned = {made_cell("dense", 0, 1, {1}).cell, "a.json", "replay", false,
                               false};
  const auto refusal = [](const std::string& text) {
    try {
      plan_from_json(text, "plan.json");
    } catch (const Error& error) {
      return error.problems().front().what;
    }
    return std::string();
  };
  const std::string whole = plan_json({"n", "", "", {planned}}).dump();
  EXPECT_EQ(refusal(whole), "");
  EXPECT_TRUE(same_cell(plan_from_json(whole, "").cells.at(0).cell, planned.cell));
  std::string edited = whole;
  edited.replace(edited.find("dense"), 5, "tense");
  EXPECT_EQ(refusal(edited), "the plan was changed after it was written");
  EXPECT_EQ(refusal(whole.substr(0, 50)), "the plan is not whole");
  EXPECT_EQ(refusal("[]"), "the plan is not whole");
  EXPECT_EQ(refusal(plan_json({"n", "", "", {planned, planned}}).dump()),
            "the plan names a file twice");
  for (const char* outside : {"/etc/passwd", "../a.json", "books/../../a.json", "", "books/"}) {
    PlannedFile other = planned;
    other.file = outside;
    EXPECT_EQ(refusal(plan_json({"n", "", "", {other}}).dump()),
              "the plan names a file outside of its directory")
        << outside;
  }
}

}  // namespace
}  // namespace pressroom::stored_campaign_test
