// The command for the end of a run: what it is told, what of it is heard, and how cells are counted.
#include "work/end_hook.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "scratch_folder.h"
#include "test_folders.h"

namespace pressroom::end_hook_test {
namespace {

RunSummary a_summary(int exit_code = 1) {
  RunSummary summary;
  summary.name = "night";
  summary.directory = "/data/results/night";
  summary.tags = {"paper", "it's \"odd\"\n"};
  summary.started = {1767225600};
  summary.seconds = 61.5;
  summary.exit_code = exit_code;
  summary.cells = {80, 40, 2, 30, 8};
  return summary;
}

struct Heard {
  std::vector<std::string> lines;
  std::optional<Problem> problem;
};

Heard run(const std::string& command, const RunSummary& summary = a_summary()) {
  Heard heard;
  heard.problem =
      run_end_hook(command, summary, [&](const std::string& line) { heard.lines.push_back(line); });
  return heard;
}

TEST(EndHook, ReadsTheSummaryOnOneLine) {
  const ScratchFolder folder;
  const std::string file = (folder.path() / "told").string();
  const Heard heard = run("cat > '" + file + "'");
  EXPECT_FALSE(heard.problem.has_value());
  EXPECT_TRUE(heard.lines.empty());
  const std::string told = read_file(file);
  EXPECT_EQ(told.find('\n'), told.size() - 1);
  EXPECT_EQ(schema_errors(test_dir() / "../docs/schemas/run_summary.schema.json", told),
            std::vector<std::string>());
  const auto json = nlohmann::json::parse(told);
  EXPECT_EQ(json.at("name"), "night");
  EXPECT_EQ(json.at("directory"), "/data/results/night");
  EXPECT_EQ(json.at("tags").at(1), "it's \"odd\"\n");
  EXPECT_EQ(json.at("started"), "2026-01-01T00:00:00Z");
  EXPECT_EQ(json.at("seconds"), 61.5);
  EXPECT_EQ(json.at("exit_code"), 1);
  EXPECT_EQ(json.at("cells").dump(),
            R"({"failed":2,"planned":80,"reused":30,"run":40,"waiting":8})");
}

TEST(EndHook, NamesTheStateByTheExitCode) {
  constexpr const char* kStates[] = {"finished", "failed", "error", "interrupted"};
  for (int code = 0; code < 4; ++code) EXPECT_STREQ(a_summary(code).state(), kStates[code]);
}

TEST(EndHook, PassesOnWhatItSaysSoThatATerminalCanShowIt) {
  const Heard heard = run("printf 'one\\n\\ntwo'; printf 'a\\033[2Jb\\n' >&2");
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"one", "two", "a?[2Jb"}));
  EXPECT_FALSE(heard.problem.has_value());
}

TEST(EndHook, SaysHowItWentWrong) {
  const std::pair<const char*, const char*> kCases[] = {
      {"echo no mail >&2; exit 3", "exit code 3"},
      {"kill -SEGV $$", "Segmentation fault (SIGSEGV)"},
      {"no_such_program_at_all", "exit code 127"},
      {"(", "exit code 2"}};
  for (const auto& [command, how] : kCases) {
    const Heard heard = run(command);
    ASSERT_TRUE(heard.problem.has_value()) << command;
    EXPECT_EQ(heard.problem->where, command);
    EXPECT_EQ(heard.problem->got, how) << command;
  }
  EXPECT_EQ(run("echo no mail >&2; exit 3").lines, std::vector<std::string>{"no mail"});
}

class Listener : public CampaignObserver {
 public:
  std::string heard;
  void on_message(const std::string& text) override { heard += "message " + text + "; "; }
  void on_note(const std::string& text) override { heard += "note " + text + "; "; }
  void on_plan(std::size_t cells, std::int64_t) override {
    heard += "plan " + std::to_string(cells) + "; ";
  }
  void on_cell_begin(std::size_t index, const Cell&) override {
    heard += "begin " + std::to_string(index) + "; ";
  }
  void on_cell_end(std::size_t index, const CellResult&, bool reused) override {
    heard += (reused ? "there " : "end ") + std::to_string(index) + "; ";
  }
  void on_cell_dropped(std::size_t index) override {
    heard += "dropped " + std::to_string(index) + "; ";
  }
  bool stop_requested() override { return true; }
  std::string put_aside(const std::string& method) override { return "aside " + method; }
};

CellResult ended(const std::string& error = "") {
  CellResult result;
  result.error = error;
  return result;
}

TEST(RunTally, CountsEachCellOnceByWhoBeganIt) {
  Listener listener;
  RunTally tally(listener);
  EXPECT_FALSE(tally.counts().has_value()) << "nothing is planned yet";
  tally.on_plan(8, 1000);
  tally.on_cell_end(0, ended(), true);  // was there
  tally.on_cell_begin(1, Cell());
  tally.on_cell_end(1, ended(), false);  // run here
  tally.on_cell_begin(2, Cell());
  tally.on_cell_end(2, ended(), true);  // run here, seen first by another worker
  tally.on_cell_begin(3, Cell());
  tally.on_cell_dropped(3);
  tally.on_cell_end(3, ended(), true);  // another process has taken it over
  tally.on_cell_begin(4, Cell());
  tally.on_cell_end(4, ended("no memory"), false);
  tally.on_cell_end(5, ended("no memory"), true);  // failed in this run, elsewhere
  tally.on_cell_begin(6, Cell());                  // interrupted
  const RunCounts counts = *tally.counts();
  EXPECT_EQ(counts.planned, 8u);
  EXPECT_EQ(counts.run, 2u);
  EXPECT_EQ(counts.failed, 2u);
  EXPECT_EQ(counts.reused, 2u);
  EXPECT_EQ(counts.waiting, 2u);
}

TEST(RunTally, PassesEverythingOn) {
  Listener listener;
  RunTally tally(listener);
  tally.on_message("hello");
  tally.on_note("done");
  tally.on_plan(2, 10);
  tally.on_cell_begin(0, Cell());
  tally.on_cell_dropped(0);
  tally.on_cell_end(0, ended(), true);
  EXPECT_EQ(listener.heard, "message hello; note done; plan 2; begin 0; dropped 0; there 0; ");
  EXPECT_TRUE(tally.stop_requested());
  EXPECT_FALSE(tally.no_more_cells());
  EXPECT_EQ(tally.put_aside("h2o"), "aside h2o");
}

}  // namespace
}  // namespace pressroom::end_hook_test
