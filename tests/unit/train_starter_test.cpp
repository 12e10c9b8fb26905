// Whole trainings of a small starter model: what they leave, and how they go on.
#include "train/starter/train_starter.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "campaign/directory.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "scratch_folder.h"
#include "stream_test_support.h"
#include "train/starter/checkpoint.h"
#include "train_test_support.h"

namespace pressroom::train_starter_test {
namespace {

namespace fs = std::filesystem;

class StarterTraining : public testing::Test {
 protected:
  StarterTraining() {
    write_file(directory_ / "texts/a.txt", toy_text(3000, 1));
    write_file(directory_ / "held-out.txt", toy_text(300, 2));
  }

  TrainStarterOptions options(const std::string& out) const {
    TrainStarterOptions options;
    options.texts = directory_ / "texts";
    options.held_out = directory_ / "held-out.txt";
    options.out = directory_ / out;
    options.steps = 6;
    options.tokens_per_step = 512;
    options.evaluate_every = 2;
    options.checkpoint_every = 3;
    options.vocabulary_size = 600;
    options.hidden_size = 16;
    options.intermediate_size = 24;
    options.layers = 2;
    options.heads = 4;
    options.kv_heads = 2;
    options.context = 128;
    return options;
  }

  const ScratchFolder scratch_;
  const fs::path directory_ = scratch_.path();
};

TEST_F(StarterTraining, GoesOnFromACheckpointToTheSameWeights) {
  train_starter(options("whole"), {});
  TrainStarterOptions interrupted = options("resumed");
  interrupted.stop_after = 3;
  train_starter(interrupted, {});
  ASSERT_EQ(load_checkpoint(directory_ / "resumed/checkpoint.bin")->step, 3);
  std::vector<std::int64_t> evaluated;
  train_starter(options("resumed"), [&](const TrainProgress& p) {
    if (p.is_evaluated) evaluated.push_back(p.step);
  });
  EXPECT_EQ(evaluated, (std::vector<std::int64_t>{4, 6}));
  const auto whole = load_checkpoint(directory_ / "whole/checkpoint.bin");
  const auto resumed = load_checkpoint(directory_ / "resumed/checkpoint.bin");
  EXPECT_TRUE(at::equal(whole->parameters, resumed->parameters));
  EXPECT_TRUE(at::equal(whole->second_moment, resumed->second_moment));
  EXPECT_EQ(read_file(directory_ / "whole/model.safetensors"),
            read_file(directory_ / "resumed/model.safetensors"));
  const std::string log = read_file(directory_ / "resumed/training_log.jsonl");
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 3);
}

TEST_F(StarterTraining, StopsBeforeAStepWithACheckpointAndGoesOnToTheSameWeights) {
  train_starter(options("whole"), {});
  TrainStarterOptions interrupted = options("resumed");
  int asked = 0;
  interrupted.stop_requested = [&] { return ++asked == 5; };
  EXPECT_THROW(train_starter(interrupted, {}), Interrupted);
  EXPECT_EQ(load_checkpoint(directory_ / "resumed/checkpoint.bin")->step, 4);
  train_starter(options("resumed"), {});
  EXPECT_EQ(read_file(directory_ / "whole/model.safetensors"),
            read_file(directory_ / "resumed/model.safetensors"));
}

TEST_F(StarterTraining, RefusesWhatItCannotGoOnFrom) {
  TrainStarterOptions first = options("run");
  first.steps = 2;
  train_starter(first, {});
  TrainStarterOptions other = first;
  other.seed = 2;
  EXPECT_THROW(train_starter(other, {}), Error);
  const fs::path file = directory_ / "run/checkpoint.bin";
  fs::resize_file(file, fs::file_size(file) - 1);
  EXPECT_THROW(train_starter(first, {}), Error);
}

TEST_F(StarterTraining, NamesMissingTextsAndKeepsTheHeldOutTextOut) {
  TrainStarterOptions missing = options("run");
  missing.texts = directory_ / "nowhere";
  EXPECT_THROW(train_starter(missing, {}), Error);
  TrainStarterOptions leaking = options("run");
  leaking.held_out = directory_ / "texts/a.txt";
  EXPECT_THROW(train_starter(leaking, {}), Error);
  EXPECT_FALSE(fs::exists(directory_ / "run"));
}

// The log without its times.
std::string log_in(const fs::path& out) {
  std::istringstream lines(read_file(out / "training_log.jsonl"));
  std::string log, line;
  while (std::getline(lines, line)) {
    auto json = nlohmann::ordered_json::parse(line);
    json.erase("seconds");
    log += json.dump() + "\n";
  }
  return log;
}

// Reported losses by step.
using Losses = std::map<std::int64_t, double>;
TrainProgressCallback into(Losses& losses) {
  return [&losses](const TrainProgress& p) { losses[p.step] = p.train_loss; };
}

// Evaluations and checkpoints fall on different steps; `kill` ends the run before a step as a kill
// does, without a checkpoint, `stop` with one.
TEST_F(StarterTraining, LogsWhatARunLogsThatWasNeverInterrupted) {
  const auto long_run = [&](const std::string& out) {
    TrainStarterOptions long_options = options(out);
    long_options.steps = 23;
    long_options.tokens_per_step = 128;
    long_options.evaluate_every = 9;
    long_options.checkpoint_every = 5;
    return long_options;
  };
  Losses whole_losses;
  train_starter(long_run("whole"), into(whole_losses));
  const std::string whole = log_in(directory_ / "whole");
  ASSERT_EQ(std::count(whole.begin(), whole.end(), '\n'), 3);
  for (const int step : {0, 4, 5, 9, 12, 18, 22}) {
    for (const bool kill : {true, false}) {
      const std::string out = std::to_string(step) + (kill ? "-kill" : "-stop");
      TrainStarterOptions interrupted = long_run(out);
      int asked = 0;
      interrupted.stop_requested = [&] {
        if (asked++ < step) return false;
        if (kill) throw std::runtime_error("killed");
        return true;
      };
      EXPECT_ANY_THROW(train_starter(interrupted, {})) << out;
      Losses losses;
      train_starter(long_run(out), into(losses));
      EXPECT_EQ(log_in(directory_ / out), whole) << out;
      for (const auto& [at, loss] : losses) EXPECT_EQ(loss, whole_losses[at]) << out << ' ' << at;
    }
  }
}

TEST_F(StarterTraining, RefusesAFolderThatAnotherTrainingWritesTo) {
  const fs::path out = directory_ / "run";
  const DirectoryLock other(out);
  write_file(out / "training_log.jsonl", "the other's\n");
  const Problem problem = problem_of([&] { train_starter(options("run"), {}); });
  EXPECT_EQ(problem.what, "another training is using the output directory");
  EXPECT_EQ(problem.where, out.string());
  EXPECT_EQ(read_file(out / "training_log.jsonl"), "the other's\n");
  EXPECT_FALSE(fs::exists(out / "tokenizer.json"));
}

TEST_F(StarterTraining, EndsWhenItsFolderIsTakenAway) {
  TrainStarterOptions moved = options("run");
  moved.stop_requested = [&] {
    std::error_code gone;
    fs::rename(directory_ / "run", directory_ / "elsewhere", gone);
    return false;
  };
  const Problem problem = problem_of([&] { train_starter(moved, {}); });
  EXPECT_EQ(problem.what, "the output directory was taken away while the run went on");
  EXPECT_FALSE(fs::exists(directory_ / "run"));
}

TEST_F(StarterTraining, RefusesAFolderWithWhatItHasNotMade) {
  const fs::path out = directory_ / "run";
  for (const std::string name :
       {"model.safetensors", "config.json", "tokenizer.json", "training_log.jsonl"}) {
    write_file(out / name, "mine");
    const Problem problem = problem_of([&] { train_starter(options("run"), {}); });
    EXPECT_EQ(problem.what, "the output directory holds what this training has not made");
    EXPECT_EQ(problem.where, out.string());
    EXPECT_EQ(problem.got, name);
    EXPECT_EQ(read_file(out / name), "mine");
    EXPECT_EQ(std::distance(fs::directory_iterator(out), {}), 1) << "it wrote";
    // The same where there was a lock.
    write_file(out / ".lock", "");
    EXPECT_THROW(train_starter(options("run"), {}), Error);
    EXPECT_EQ(std::distance(fs::directory_iterator(out), {}), 2) << "it wrote";
    fs::remove_all(out);
  }
}

TEST_F(StarterTraining, BeginsInAFolderWithOnlyALock) {
  write_file(directory_ / "run/.lock", "");
  TrainStarterOptions begun = options("run");
  begun.steps = 2;
  train_starter(begun, {});
  EXPECT_TRUE(fs::exists(directory_ / "run/model.safetensors"));
}

TEST_F(StarterTraining, BeginsAnewAfterAKillBeforeItsFirstCheckpoint) {
  TrainStarterOptions killed = options("run");  // evaluates at 2, keeps a checkpoint at 3
  int asked = 0;
  killed.stop_requested = [&]() -> bool {
    if (asked++ == 2) throw std::runtime_error("killed");
    return false;
  };
  EXPECT_THROW(train_starter(killed, {}), std::runtime_error);
  ASSERT_TRUE(fs::exists(directory_ / "run/model.safetensors"));
  ASSERT_FALSE(fs::exists(directory_ / "run/checkpoint.bin"));
  TrainStarterOptions other = options("run");
  other.seed = 2;
  EXPECT_THROW(train_starter(other, {}), Error);
  const std::string tokenizer = read_file(directory_ / "run/tokenizer.json");
  write_file(directory_ / "run/tokenizer.json", "half");  // not adopted
  train_starter(options("run"), {});
  EXPECT_EQ(read_file(directory_ / "run/tokenizer.json"), tokenizer);
  train_starter(options("whole"), {});
  EXPECT_EQ(read_file(directory_ / "whole/model.safetensors"),
            read_file(directory_ / "run/model.safetensors"));
}

TEST_F(StarterTraining, GoesOnFromACheckpointThatLostItsRecipeFile) {
  TrainStarterOptions first = options("run");
  first.stop_after = 3;
  train_starter(first, {});
  fs::remove(directory_ / "run/recipe.json");
  TrainStarterOptions other = options("run");
  other.seed = 2;
  EXPECT_THROW(train_starter(other, {}), Error);
  EXPECT_FALSE(fs::exists(directory_ / "run/recipe.json"));
  train_starter(options("run"), {});
  EXPECT_EQ(load_checkpoint(directory_ / "run/checkpoint.bin")->step, 6);
}

TEST_F(StarterTraining, RefusesToGoOnWithOtherTextsOrAnotherVocabulary) {
  TrainStarterOptions first = options("run");
  first.stop_after = 3;
  train_starter(first, {});
  const std::string log = read_file(directory_ / "run/training_log.jsonl");
  for (const char* name : {"texts/a.txt", "held-out.txt", "run/tokenizer.json"}) {
    const std::string before = read_file(directory_ / name);
    write_file(directory_ / name, before + "\n");
    const Problem problem = problem_of([&] { train_starter(options("run"), {}); });
    EXPECT_TRUE(has(problem.what, "belongs to")) << name << problem.text();
    EXPECT_NE(problem.expected, problem.got) << name;
    EXPECT_EQ(read_file(directory_ / "run/training_log.jsonl"), log) << name;
    write_file(directory_ / name, before);
  }
  train_starter(options("run"), {});
}

TEST_F(StarterTraining, SaysThatACheckpointIsDamaged) {
  const fs::path file = directory_ / "checkpoint.bin";
  const nlohmann::json whole = {{"format", "pressroom-training-2"},
                                {"step", 1},
                                {"seconds", 1.0},
                                {"loss_sum", 0.0},
                                {"loss_count", 0},
                                {"size", 0},
                                {"recipe", ""}};
  write_file(file, whole.dump() + "\n");
  ASSERT_EQ(load_checkpoint(file)->step, 1);
  std::vector<std::string> damaged = {"", "{}", "[]\n", whole.dump()};
  const auto with = [&](const char* name, const nlohmann::json& value) {
    nlohmann::json header = whole;
    header[name] = value;
    damaged.push_back(header.dump() + "\n");
  };
  for (const auto& [name, value] : whole.items()) {
    nlohmann::json header = whole;
    header.erase(name);
    damaged.push_back(header.dump() + "\n");
    with(name.c_str(), nullptr);
  }
  with("size", std::int64_t{1} << 62);  // times 4 bytes it would be 0
  with("size", -1);
  with("size", 0.5);
  with("step", -1);
  for (const std::string& bytes : damaged) {
    write_file(file, bytes);
    const Problem problem = problem_of([&] { load_checkpoint(file); });
    EXPECT_EQ(problem.what, "the checkpoint cannot be read") << bytes;
  }
}

// Words that keys can be made of, and enough of them for samples of 256 tokens.
std::string text_with_words(std::size_t sentences) {
  std::string text;
  for (std::size_t s = 0; s < sentences; ++s) {
    text += "The garden and the window were in the evening letter number ";
    text += std::to_string(s) + ".\n";
  }
  return text;
}

TEST_F(StarterTraining, BeginsFromAModelAndGoesOnWithTasks) {
  write_file(directory_ / "more/a.txt", text_with_words(300));
  write_file(directory_ / "more-held-out.txt", text_with_words(60));
  TrainStarterOptions base = options("base");
  base.texts = directory_ / "more";
  base.held_out = directory_ / "more-held-out.txt";
  base.context = 256;
  base.steps = 1;
  train_starter(base, {});
  const auto with_tasks = [&](const std::string& out) {
    TrainStarterOptions tasks = base;
    tasks.out = directory_ / out;
    tasks.begin_from = directory_ / "base";
    tasks.diet = Diet::kTasks;
    tasks.layers = 3;
    tasks.steps = 2;
    return tasks;
  };
  std::vector<TaskScore> scores;
  train_starter(with_tasks("whole"), [&](const TrainProgress& p) {
    if (p.is_evaluated) scores = p.evaluation.tasks;
  });
  ASSERT_FALSE(scores.empty());
  EXPECT_EQ(scores[0].name, "niah_single_1");
  EXPECT_EQ(scores[0].lengths, std::vector<std::int64_t>{256});
  EXPECT_NE(read_file(directory_ / "whole/training_log.jsonl").find("\"tasks\":{\"niah_single_1\""),
            std::string::npos);
  EXPECT_EQ(read_file(directory_ / "whole/tokenizer.json"),
            read_file(directory_ / "base/tokenizer.json"));

  TrainStarterOptions interrupted = with_tasks("resumed");
  interrupted.stop_after = 1;
  train_starter(interrupted, {});
  train_starter(with_tasks("resumed"), {});
  EXPECT_EQ(read_file(directory_ / "whole/model.safetensors"),
            read_file(directory_ / "resumed/model.safetensors"));
  TrainStarterOptions from_another = with_tasks("whole");
  from_another.begin_from = directory_ / "whole";
  EXPECT_THROW(train_starter(from_another, {}), Error);
}

}  // namespace
}  // namespace pressroom::train_starter_test
