// A directory that is extended holds every result it ever had, wherever in it the process is killed.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/whole_file.h"
#include "byte_tokenizer.h"
#include "campaign/campaign.h"
#include "campaign/extend_directory.h"
#include "campaign/extension.h"
#include "kill_points.h"
#include "pressroom/error.h"
#include "results/history.h"
#include "results/results_by_key.h"
#include "results/stored_answers.h"
#include "results/stored_campaign.h"
#include "scratch_folder.h"
#include "test_folders.h"
#include "tiny_model.h"

namespace pressroom::extend_test {
namespace {

namespace fs = std::filesystem;
using Lines = std::map<std::string, std::string>;

// Counts the cells that are run, and notes what it is told.
class Count : public CampaignObserver {
 public:
  void on_note(const std::string& text) override { notes += text + "\n"; }
  void on_cell_end(std::size_t, const CellResult&, bool was_reused) override {
    ++(was_reused ? reused : run);
  }
  std::size_t run = 0;
  std::size_t reused = 0;
  std::string notes;
};

class ExtendedDirectory : public testing::Test {
 protected:
  ExtendedDirectory() : host_(std::vector<fs::path>{plugin_dir()}) {
    TinyShape shape;
    shape.vocabulary = 256;
    write_model(folder_.path() / "model", shape, random_weights(shape, RandomKey(3)));
    write_file(folder_.path() / "model/tokenizer.json", byte_tokenizer_json());
    write_file(folder_.path() / "prose.txt", read_file(test_dir() / "data/prose.txt"));
  }

  PreparedCampaign prepare(const Lines& lines) {
    Lines keys = {{"name", "tiny"},
                  {"model", (folder_.path() / "model").string()},
                  {"protocol", "{context: 32, documents: 2}"},
                  {"datasets", "{reader: text, path: " + (folder_.path() / "prose.txt").string() +
                                   ", as: prose}"},
                  {"methods", "[streaming_llm, h2o]"},
                  {"sparsity", "[0.5]"},
                  {"seeds", "[1]"},
                  {"metrics", "[perplexity]"}};
    for (const auto& [key, value] : lines) keys[key] = value;
    std::string yaml;
    for (const auto& [key, value] : keys) yaml += key + ": " + value + "\n";
    write_file(folder_.path() / "campaign.yaml", yaml);
    return prepare_campaign(load_config(folder_.path() / "campaign.yaml", {}, host_), host_);
  }

  // Runs the campaign with these lines in `directory`, and extends that where it has to be.
  Count run(const fs::path& directory, const Lines& lines) {
    PreparedCampaign campaign = prepare(lines);
    Count count;
    WorkSettings settings;
    settings.may_extend = [](const Extension&) { return true; };
    run_campaign(campaign, directory, host_, {"pressroom", "run"}, count, {}, settings);
    return count;
  }

  fs::path out() const { return folder_.path() / "out"; }

  ScratchFolder folder_;
  PluginHost host_;
};

std::set<std::string> keys_of(const fs::path& directory) {
  std::set<std::string> keys;
  for (const PlannedFile& planned : read_plan(directory).cells) keys.insert(planned.content_key);
  return keys;
}

void expect_all_there(const fs::path& directory, const std::set<std::string>& keys) {
  const ResultsByKey results({directory});
  for (const std::string& key : keys) EXPECT_TRUE(results.find(key)) << key;
}

// Without whom the process that was killed had claimed.
void copy_directory(const fs::path& from, const fs::path& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
  fs::remove_all(to / "leases");
}

TEST_F(ExtendedDirectory, KeepsEachConfigWithWhatLeftThePlan) {
  run(out(), {});
  const std::set<std::string> first = keys_of(out());
  const Count second = run(out(), {{"methods", "[streaming_llm, {name: h2o, recent: 0.25}]"}});
  EXPECT_EQ(second.run, 1U);
  EXPECT_EQ(second.reused, 2U);
  EXPECT_NE(second.notes.find("h2o.recent 0.5 -> 0.25"), std::string::npos) << second.notes;
  const Count third = run(out(), {{"methods", "[{name: h2o, recent: 0.25, as: heavy}]"}});
  EXPECT_EQ(third.run, 0U);
  expect_all_there(out(), first);

  const std::vector<StoredConfig> configs = read_history(out());
  ASSERT_EQ(configs.size(), 3U);
  EXPECT_EQ(configs[0].folder, out() / "history/1");
  EXPECT_EQ(configs[0].cells, 3U);
  EXPECT_EQ(configs[0].in_history, 1U);
  EXPECT_TRUE(configs[0].changes.empty());
  EXPECT_FALSE(configs[0].from.empty());
  EXPECT_EQ(configs[1].from, configs[0].until);
  EXPECT_EQ(configs[1].changes, std::vector<std::string>{"h2o.recent 0.5 -> 0.25"});
  EXPECT_EQ(configs[1].in_history, 2U);
  EXPECT_EQ(configs[2].folder, out());
  EXPECT_EQ(configs[2].until, "");
  EXPECT_EQ(configs[2].cells, 2U);
  EXPECT_EQ(configs[2].changes,
            (std::vector<std::string>{"label h2o -> heavy", "methods: streaming_llm removed"}));
}

TEST_F(ExtendedDirectory, KeepsTheTracesOfAResultBesideIt) {
  run(out(), {{"traces", "true"}});
  run(out(), {{"traces", "true"}, {"methods", "[streaming_llm]"}});
  EXPECT_TRUE(parts_beside(out() / "h2o_s0.5_ctx32_seed1.json").empty());
  EXPECT_EQ(parts_beside(out() / "history/1/h2o_s0.5_ctx32_seed1.json").size(), 2U);
  EXPECT_EQ(parts_beside(out() / "streaming_llm_s0.5_ctx32_seed1.json").size(), 2U);
  run(out(), {{"traces", "true"}, {"methods", "[{name: h2o, as: heavy}]"}});
  EXPECT_EQ(parts_beside(out() / "heavy_s0.5_ctx32_seed1.json").size(), 2U);
}

TEST_F(ExtendedDirectory, KeepsTheAnswersOfAResultBesideIt) {
  run(out(), {});
  write_file(answers_file(out() / "h2o_s0.5_ctx32_seed1.json"), "answers");
  run(out(), {{"methods", "[streaming_llm]"}});
  EXPECT_FALSE(fs::exists(answers_file(out() / "h2o_s0.5_ctx32_seed1.json")));
  EXPECT_EQ(read_file(answers_file(out() / "history/1/h2o_s0.5_ctx32_seed1.json")), "answers");
  run(out(), {{"methods", "[{name: h2o, as: heavy}]"}});
  EXPECT_EQ(read_file(answers_file(out() / "heavy_s0.5_ctx32_seed1.json")), "answers");
}

TEST_F(ExtendedDirectory, KeepsWhatAChangedTextReplacesUnderTheSameConfig) {
  run(out(), {});
  const std::set<std::string> first = keys_of(out());
  const std::string prose = read_file(folder_.path() / "prose.txt");
  write_file(folder_.path() / "prose.txt", "Another beginning. " + prose);
  EXPECT_EQ(run(out(), {}).run, 3U);
  expect_all_there(out(), first);
  const std::vector<StoredConfig> configs = read_history(out());
  ASSERT_EQ(configs.size(), 2U);
  EXPECT_EQ(configs[0].in_history, 3U);
  EXPECT_EQ(configs[1].changes.front(), "dense: 1 cell is run again, as windows changed");

  write_file(folder_.path() / "prose.txt", prose);
  EXPECT_EQ(run(out(), {}).run, 0U);
  EXPECT_EQ(keys_of(out()), first);
}

TEST_F(ExtendedDirectory, TellsWhereNobodyMayExtendIt) {
  run(out(), {});
  PreparedCampaign campaign = prepare({{"methods", "[streaming_llm]"}});
  Count count;
  try {
    run_campaign(campaign, out(), host_, {"pressroom", "run"}, count);
    FAIL() << "it was extended";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().at(0).what, "the output directory holds another campaign");
  }
  EXPECT_FALSE(fs::exists(out() / "history"));
}

TEST_F(ExtendedDirectory, CountsACellThatWasPlannedUnderAnotherNameAsNotRunYet) {
  run(out(), {});
  fs::remove(out() / "h2o_s0.5_ctx32_seed1.json");
  const Count count = run(out(), {{"methods", "[streaming_llm, {name: h2o, as: heavy}]"}});
  EXPECT_EQ(count.run, 1U);
  EXPECT_NE(count.notes.find("0 cells new, 1 not run yet, 2 reused"), std::string::npos)
      << count.notes;
}

// What was edited in place agrees with the run of it: the plan's results are not replaced unasked.
TEST_F(ExtendedDirectory, RefusesAConfigThatWasEditedWhereItLies) {
  run(out(), {});
  const std::set<std::string> keys = keys_of(out());
  const Lines edited = {{"methods", "[streaming_llm, {name: h2o, recent: 0.25}]"}};
  write_file(out() / "config.yaml", frozen_yaml(prepare(edited).config));
  try {
    run(out(), edited);
    FAIL() << "it was run";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().at(0).what,
              "the directory's config.yaml was changed after its plan was made from it");
  }
  expect_all_there(out(), keys);
}

// Killed between the two files that a run with other notes writes.
TEST_F(ExtendedDirectory, TakesAConfigThatItsPlanWasNotWrittenFor) {
  run(out(), {});
  const Lines noted = {{"notes", "again"}};
  write_file(out() / "config.yaml", frozen_yaml(prepare(noted).config));
  EXPECT_EQ(run(out(), noted).run, 0U);
  EXPECT_TRUE(read_campaign(out()).complete());
}

TEST_F(ExtendedDirectory, TakesAPlanThatDoesNotSayWhatItsCellsAreMadeFrom) {
  run(out(), {});
  StoredPlan plan = read_plan(out());
  const std::set<std::string> keys = keys_of(out());
  for (PlannedFile& planned : plan.cells) planned.content_key.clear();
  write_file(out() / "plan.json", plan_json(plan).dump(1));
  const Count count = run(out(), {{"methods", "[{name: h2o, as: heavy}, streaming_llm, knorm]"}});
  EXPECT_EQ(count.run, 1U);
  expect_all_there(out(), keys);
}

// Renames a method, removes one, adds a dataset: files move into folders of their own.
TEST_F(ExtendedDirectory, IsWholeWhereverInAnExtensionItsProcessIsKilled) {
  const Lines before;
  const std::string text = (folder_.path() / "prose.txt").string();
  write_file(folder_.path() / "other.txt", read_file(text));
  const Lines after = {
      {"methods", "[{name: h2o, as: heavy}]"},
      {"datasets", "[{reader: text, path: " + text + ", as: prose}, " + "{reader: text, path: " +
                       (folder_.path() / "other.txt").string() + ", as: other}]"}};
  run(out(), before);
  const std::set<std::string> old = keys_of(out());
  // What the extension writes is taken from one that was not killed.
  const fs::path extended = folder_.path() / "extended";
  copy_directory(out(), extended);
  EXPECT_EQ(run(extended, after).run, 2U);
  const StoredPlan next = read_plan(extended);
  const auto extend = [&] {
    put_config_aside(read_directory_config(out()), next.cells, {"label h2o -> heavy"}, "");
    for (const char* name : {"config.yaml", "provenance.json", "plugins.lock", "plan.json"}) {
      write_file_atomically(out() / name, read_file(extended / name));
    }
  };
  const fs::path copy = folder_.path() / "copy";
  int looks = 0;
  const auto look = [&] {
    copy_directory(out(), copy);
    expect_all_there(copy, old);
    const StoredCampaign stored = read_campaign(copy);
    const bool is_new = read_plan(copy).run == next.run;
    EXPECT_EQ(stored.finished(), is_new ? 0U : old.size()) << looks;
    if (++looks % 5 != 0) return;
    const fs::path back = folder_.path() / "back";
    copy_directory(copy, back);
    EXPECT_EQ(run(copy, after).run, 2U);
    expect_all_there(copy, old);
    EXPECT_TRUE(read_campaign(copy).complete());
    EXPECT_EQ(read_history(copy).size(), 2U);
    // Or the user thinks better of it.
    EXPECT_EQ(run(back, before).run, 0U);
    EXPECT_TRUE(read_campaign(back).complete());
    EXPECT_EQ(read_history(back).size(), is_new ? 3U : 1U);
    expect_all_there(back, old);
  };
  const int stops = at_each_change(extend, look);
  if (stops == 0) GTEST_SKIP() << "processes cannot be traced here";
  EXPECT_GT(stops, 30);
  look();
}

}  // namespace
}  // namespace pressroom::extend_test
