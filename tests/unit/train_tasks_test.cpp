// The samples that teach a starter model the shapes of RULER: each is read here as somebody would
// who knows only the published wording, and the answer found by rule is the one that is trained.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>

#include "byte_tokenizer.h"
#include "pressroom/error.h"
#include "scratch_folder.h"
#include "tokenizer/tokenizer.h"
#include "train/starter/sequences.h"
#include "train/starter/tasks.h"

namespace pressroom::train_tasks_test {
namespace {

// Sentences of words that keys can be made of.
std::string prose(std::size_t sentences) {
  const std::vector<std::string> words = {"garden",   "window",  "letter", "evening",
                                          "carriage", "silence", "a",      "of"};
  CounterRng rng(3, 0);
  std::string text;
  for (std::size_t s = 0; s < sentences; ++s) {
    text += "The";
    for (int w = 0; w < 7; ++w) text += (w == 3 ? "\n" : " ") + words[rng.below(words.size())];
    text += ".\n\n";
  }
  return text;
}

class TaskTexts : public testing::Test {
 protected:
  TaskTexts() {
    write_file(scratch_.path() / "tokenizer.json", byte_tokenizer_json());
    tokenizer_ = Tokenizer::load(scratch_.path() / "tokenizer.json");
    filler_ = tokenizer_->encode(prose(400), Special::kNone);
    samples_ = std::make_unique<TaskSamples>(*tokenizer_, filler_);
  }

  TaskSample make(TaskShape shape, bool is_dense, std::uint64_t index) const {
    const auto sample = samples_->make({shape, kLength, is_dense}, 5, index);
    if (!sample) throw std::runtime_error(task_name(shape));
    return *sample;
  }

  // Ids are bytes.
  std::string text_of(const TaskSample& sample, std::int64_t first, std::int64_t last) const {
    return tokenizer_->decode({sample.ids.begin() + first, sample.ids.begin() + last});
  }
  std::string until(const TaskSample& sample, const TaskAnswer& answer) const {
    return text_of(sample, 0, answer.first);
  }

  static constexpr std::int64_t kLength = 3000;
  const ScratchFolder scratch_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<std::int64_t> filler_;
  std::unique_ptr<TaskSamples> samples_;
};

bool is_needle(TaskShape shape) { return std::string(task_name(shape)).rfind("niah", 0) == 0; }

std::vector<std::smatch> all_matches(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return {std::sregex_iterator(text.begin(), text.end(), regex), {}};
}

// What the last line of `text` asks for: "gentle-harbour, and river". Of dense samples the words
// before and behind the keys may be left out in part.
std::string keys_asked(const std::string& text) {
  std::string line = text.substr(text.rfind('\n') + 1);
  const std::size_t question = line.rfind("? ");
  if (question != std::string::npos) line.erase(0, question + 2);
  line = line.substr(0, line.rfind(' '));  // is, are
  const std::string behind = " mentioned in the provided text";
  for (std::size_t length = behind.size(); length > 0; --length) {
    const std::size_t at = line.size() - std::min(line.size(), length);
    if (line.compare(at, std::string::npos, behind, 0, length) != 0) continue;
    line.resize(at);
    break;
  }
  const std::size_t lead = line.find("for ");
  return lead == std::string::npos ? line : line.substr(lead + 4);
}

// The values of the keys of the last question in `text`, in the order of keys and then of text.
std::string needle_answer(const std::string& text) {
  const std::string asked = keys_asked(text);
  const auto keys = all_matches(asked, "[a-z0-9-]{3,}");
  std::string answer;
  for (const std::smatch& key : keys) {
    if (key.str() == "and") continue;
    const auto needles = all_matches(text, "(?:^|[ \n])" + key.str() + " is: ([0-9a-f-]+)\\.");
    for (const std::smatch& needle : needles)
      answer += (answer.empty() ? " " : ", ") + needle[1].str();
  }
  return answer;
}

TEST_F(TaskTexts, HaveTheLengthAndTheAnswersInOrder) {
  for (const TaskShape shape : task_shapes()) {
    for (const bool is_dense : {false, true}) {
      for (std::uint64_t index = 0; index < 20; ++index) {
        const TaskSample sample = make(shape, is_dense, index);
        ASSERT_EQ(sample.ids.size(), static_cast<std::size_t>(kLength));
        ASSERT_EQ(sample.statement.size(), sample.ids.size());
        ASSERT_GE(sample.answers.size(), 1u);
        if (!is_dense) {
          EXPECT_EQ(sample.answers.size(), 1u) << task_name(shape);
        }
        std::int64_t at = 0;
        for (const TaskAnswer& answer : sample.answers) {
          EXPECT_LE(at, answer.first);
          EXPECT_LT(answer.first, answer.last);
          at = answer.last;
        }
        EXPECT_LE(at, kLength);
      }
    }
  }
}

TEST_F(TaskTexts, AnswerNeedlesByWhatStandsBehindTheKey) {
  for (const TaskShape shape : task_shapes()) {
    if (!is_needle(shape)) continue;
    for (std::uint64_t index = 0; index < 40; ++index) {
      const TaskSample sample = make(shape, index % 2 == 1, index);
      for (const TaskAnswer& answer : sample.answers) {
        EXPECT_EQ(text_of(sample, answer.first, answer.last), needle_answer(until(sample, answer)))
            << task_name(shape) << ' ' << index;
      }
    }
  }
}

// What teaches a model to look keys up: many of them, near to their answers.
TEST_F(TaskTexts, AreHalfTerseWhereTheyAreDense) {
  std::size_t terse = 0, cut = 0, questions = 0;
  for (std::uint64_t index = 0; index < 100; ++index) {
    const TaskSample sample = make(TaskShape::kMultikey1, true, index);
    const std::string text = until(sample, sample.answers.back());
    const bool is_terse = text.find("hidden within") == std::string::npos;
    terse += is_terse;
    if (is_terse) {
      EXPECT_GE(all_matches(text, " is: [0-9]{1,4}\\.").size(), 25u);
    }
    for (const TaskAnswer& answer : sample.answers) {
      const std::string before = until(sample, answer);
      const std::string whole = " mentioned in the provided text is";
      ++questions;
      cut += before.compare(before.size() - whole.size(), whole.size(), whole) != 0;
    }
  }
  EXPECT_GT(terse, 30u);
  EXPECT_LT(terse, 70u);
  EXPECT_GT(cut, questions * 35 / 100);
  EXPECT_LT(cut, questions * 65 / 100);
}

TEST_F(TaskTexts, HaveTheNeedlesOfTheRecipe) {
  const std::map<TaskShape, std::size_t> needles = {
      {TaskShape::kSingle1, 1},   {TaskShape::kSingle2, 1},    {TaskShape::kSingle3, 1},
      {TaskShape::kMultikey1, 4}, {TaskShape::kMultivalue, 4}, {TaskShape::kMultiquery, 4}};
  for (const auto& [shape, count] : needles) {
    const TaskSample sample = make(shape, false, 1);
    const std::string text = until(sample, sample.answers[0]);
    EXPECT_EQ(all_matches(text, "One of the special magic").size(), count) << task_name(shape);
    EXPECT_EQ(text.find("The grass is green.") != std::string::npos, shape == TaskShape::kSingle1);
  }
  for (const TaskShape shape : {TaskShape::kMultikey2, TaskShape::kMultikey3}) {
    const TaskSample sample = make(shape, false, 1);
    const std::string text = until(sample, sample.answers[0]);
    std::set<std::string> keys;
    const auto found = all_matches(text, "One of the special magic \\w+ for ([^ ]+) is:");
    for (const std::smatch& needle : found) keys.insert(needle[1]);
    EXPECT_GE(found.size(), 15u);
    EXPECT_EQ(keys.size(), found.size());
  }
}

TEST_F(TaskTexts, AnswerVariablesByFollowingTheAssignments) {
  for (const TaskShape shape : {TaskShape::kVariables, TaskShape::kVariablesShown}) {
    for (std::uint64_t index = 0; index < 60; ++index) {
      const TaskSample sample = make(shape, index % 2 == 1, index);
      for (const TaskAnswer& answer : sample.answers) {
        const std::string text = until(sample, answer);
        std::map<std::string, std::string> value_of;
        std::vector<std::string> order;
        for (const std::smatch& line : all_matches(text, "VAR ([A-Z]+) = (?:VAR )?([A-Z0-9]+)")) {
          const bool is_number = line[2].str()[0] <= '9';
          value_of[line[1]] = is_number ? line[2].str() : value_of.at(line[2]);
          order.push_back(line[1]);
        }
        const std::smatch asked = all_matches(text, "the value ([0-9]+), they are:").back();
        std::string expected;
        for (const std::string& name : order) {
          if (value_of[name] == asked[1]) expected += " " + name;
        }
        EXPECT_EQ(text_of(sample, answer.first, answer.last), expected);
        if (index % 2 == 0) {
          EXPECT_EQ(std::count(expected.begin(), expected.end(), ' '), 5);
        }
        const auto letters = shape == TaskShape::kVariablesShown ? 3u : 5u;
        EXPECT_EQ(order.front().size(), letters);
      }
    }
  }
}

TEST_F(TaskTexts, AnswerPairsByTheKey) {
  for (std::uint64_t index = 0; index < 40; ++index) {
    const TaskSample sample = make(TaskShape::kPairs, index % 2 == 1, index);
    for (const TaskAnswer& answer : sample.answers) {
      const std::string text = until(sample, answer);
      const std::string key = all_matches(text, "\nKey: (\"[0-9a-f-]+\")\n").back()[1];
      std::set<std::string> values;
      for (const std::smatch& pair : all_matches(text, key + ": \"([0-9a-f-]+)\"")) {
        values.insert(" " + pair[1].str());
      }
      // The shortest keys, of three digits, may come twice.
      if (key.size() > 7) {
        EXPECT_EQ(values.size(), 1u) << key;
      }
      EXPECT_EQ(values.count(text_of(sample, answer.first, answer.last)), 1u);
    }
  }
}

TEST_F(TaskTexts, AreAsLongAsUnitsOfTheHaystackFit) {
  for (const TaskShape shape :
       {TaskShape::kSingle1, TaskShape::kMultikey2, TaskShape::kVariables}) {
    for (std::uint64_t index = 0; index < 20; ++index) {
      const TaskSample sample = make(shape, false, index);
      EXPECT_LT(kLength - sample.answers[0].last, 110) << task_name(shape);
    }
  }
}

TEST_F(TaskTexts, AreAFunctionOfSeedAndIndex) {
  for (const TaskShape shape : task_shapes()) {
    const TaskSpec spec{shape, kLength, true};
    const std::vector<std::int64_t> ids = samples_->make(spec, 1, 7)->ids;
    EXPECT_EQ(samples_->make(spec, 1, 7)->ids, ids);
    EXPECT_NE(samples_->make(spec, 2, 7)->ids, ids);
    EXPECT_NE(samples_->make(spec, 1, 8)->ids, ids);
  }
}

TEST_F(TaskTexts, AreNothingWhereTheFixedPartsDoNotFit) {
  for (const TaskShape shape : task_shapes()) {
    EXPECT_FALSE(samples_->make({shape, 150, false}, 1, 0).has_value()) << task_name(shape);
  }
}

TEST_F(TaskTexts, NeedKeysThatCanBeMadeOfTheFiller) {
  const auto bare = tokenizer_->encode("1 2 3 of a", Special::kNone);
  EXPECT_THROW(TaskSamples(*tokenizer_, bare), Error);
}

TEST_F(TaskTexts, WeighAnswersMostAndWhatIsFixedLeast) {
  DietRecipe recipe;
  recipe.steps = 10;
  recipe.tokens_per_step = 4000;
  recipe.phases = {{1.0, 1000, 0, 0, false, 1.0}};
  const SequenceSampler sampler(*tokenizer_, filler_, recipe, 3);
  std::size_t answers = 0;
  for (std::int64_t step = 0; step < 4; ++step) {
    const Batch batch = sampler.batch(step);
    for (std::int64_t s = 0; s < batch.ids.size(0); ++s) {
      const std::int64_t* ids = batch.ids[s].data_ptr<std::int64_t>();
      const float* weights = batch.weights[s].data_ptr<float>();
      const std::string text = tokenizer_->decode({ids, ids + 1001});
      for (std::size_t t = 2; t < 1001; ++t) {  // weights[t - 1] belongs to ids[t]
        const bool begins = weights[t - 1] == 5.0f && weights[t - 2] != 5.0f;
        if (!begins) continue;
        ++answers;
        EXPECT_EQ(weights[t - 2], 0.1f);
        const std::string before = text.substr(0, t);
        EXPECT_TRUE(std::regex_search(before, std::regex("( is| are|:)$"))) << before;
      }
    }
  }
  EXPECT_GE(answers, 10u);
}

}  // namespace
}  // namespace pressroom::train_tasks_test
