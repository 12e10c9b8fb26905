// The needle settings of the reader ruler, over 500 documents each: what is hidden, where, and that
// it can be found again.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "ruler_test_support.h"

namespace pressroom::ruler_test {
namespace {

const char* const kNumber = "[1-9][0-9]{6}";
const char* const kUuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const char* const kWords = "[a-z]{4}-[a-z]{4}";

// What the recipe fixes of a task.
struct Setting {
  std::string task;
  const char* key;
  const char* value;
  std::size_t keys, values, asked;
  bool among_needles;
};

std::vector<Setting> settings() {
  return {{"niah_single_1", kWords, kNumber, 1, 1, 1, false},
          {"niah_single_2", kWords, kNumber, 1, 1, 1, false},
          {"niah_single_3", kWords, kUuid, 1, 1, 1, false},
          {"niah_multikey_1", kWords, kNumber, 4, 1, 1, false},
          {"niah_multikey_2", kWords, kNumber, 1, 1, 1, true},
          {"niah_multikey_3", kUuid, kUuid, 1, 1, 1, true},
          {"niah_multivalue", kWords, kNumber, 1, 4, 1, false},
          {"niah_multiquery", kWords, kNumber, 4, 1, 4, false}};
}

struct Found {
  std::string sentence, key, value;
};

// Every needle of a context, as a regular expression finds it.
std::vector<Found> needles_in(const std::string& context, const Setting& setting) {
  static std::map<std::string, std::regex> known;
  const std::string things = setting.value == kUuid ? "uuids" : "numbers";
  const std::string text = "^One of the special magic " + things + " for (" + setting.key +
                           ") is: (" + setting.value + ")\\.";
  const std::regex& needle = known.try_emplace(text, text).first->second;
  std::vector<Found> found;
  for (std::size_t at = context.find("One of the"); at != std::string::npos;
       at = context.find("One of the", at + 1)) {
    const std::string rest = context.substr(at, 200);
    std::smatch match;
    if (std::regex_search(rest, match, needle)) found.push_back({match[0], match[1], match[2]});
  }
  return found;
}

// The keys that a question names: "a", or "a, b, c, and d".
std::vector<std::string> asked_in(const std::string& question) {
  const std::string end = " mentioned in the provided text?";
  const std::size_t begin = question.find(" for ") + 5;
  std::vector<std::string> keys = split(question.substr(begin, question.find(end) - begin), ", ");
  if (keys.back().rfind("and ", 0) == 0) keys.back().erase(0, 4);
  return keys;
}

TEST(RulerNeedles, AreHiddenOnceAndFoundByARegularExpression) {
  for (const Setting& setting : settings()) {
    SCOPED_TRACE(setting.task);
    const std::vector<Document>& documents = samples_of(setting.task);
    ASSERT_EQ(documents.size(), 500U);
    for (const Document& document : documents) {
      const std::vector<Found> needles = needles_in(context_of(document), setting);
      const std::size_t hidden = setting.keys * setting.values;
      if (setting.among_needles) {
        ASSERT_GT(needles.size(), hidden + 5);
      } else {
        ASSERT_EQ(needles.size(), hidden);
      }
      std::map<std::string, std::vector<std::string>> values;
      std::set<std::string> all;
      for (const Found& needle : needles) {
        values[needle.key].push_back(needle.value);
        all.insert(needle.value);
      }
      EXPECT_EQ(all.size(), needles.size()) << "a value stands twice";
      ASSERT_EQ(document.answers.size(), 1U);
      const std::vector<std::string> asked = asked_in(question_of(document, 0));
      ASSERT_EQ(asked.size(), setting.asked);
      std::vector<std::string> expected;
      for (const std::string& key : asked) {
        ASSERT_EQ(values[key].size(), setting.values);
        expected.insert(expected.end(), values[key].begin(), values[key].end());
      }
      EXPECT_EQ(document.answers[0].references, expected);
      std::string listed;
      for (const std::string& value : expected) listed += (listed.empty() ? " " : ", ") + value;
      EXPECT_EQ(answer_text(document, document.answers[0]), listed);
    }
  }
}

TEST(RulerNeedles, EvidenceIsTheNeedlesThatAreAskedFor) {
  for (const Setting& setting : settings()) {
    SCOPED_TRACE(setting.task);
    for (const Document& document : samples_of(setting.task)) {
      const std::vector<std::string> asked = asked_in(question_of(document, 0));
      std::vector<std::string> expected;
      for (const Found& needle : needles_in(context_of(document), setting)) {
        if (is_in(needle.key, asked)) expected.push_back(needle.sentence);
      }
      EXPECT_EQ(spans_of(document, "evidence", 0), expected);
    }
  }
}

TEST(RulerNeedles, AreAskedForInTheWordsOfTheRecipe) {
  struct Words {
    std::string task, instruction, question;
  };
  for (const Words& words : std::vector<Words>{
           {"niah_single_2",
            "A special magic number is hidden within the following text. Make sure to memorize it. "
            "I will quiz you about the number afterwards.\n",
            "What is the special magic number for KEYS mentioned in the provided text? The "
            "special magic number for KEYS mentioned in the provided text is"},
           {"niah_single_3",
            "A special magic uuid is hidden within the following text. Make sure to memorize it. I "
            "will quiz you about the uuid afterwards.\n",
            "What is the special magic uuid for KEYS mentioned in the provided text? The special "
            "magic uuid for KEYS mentioned in the provided text is"},
           {"niah_multivalue",
            "Some special magic numbers are hidden within the following text. Make sure to "
            "memorize it. I will quiz you about the numbers afterwards.\n",
            "What are all the special magic numbers for KEYS mentioned in the provided text? The "
            "special magic numbers for KEYS mentioned in the provided text are"}}) {
    SCOPED_TRACE(words.task);
    const Document& document = samples_of(words.task).front();
    EXPECT_EQ(spans_of(document, "instruction"), std::vector<std::string>{words.instruction});
    EXPECT_EQ(document.text.rfind(words.instruction, 0), 0U);
    const std::string question = question_of(document, 0);
    EXPECT_EQ(replaced(question, asked_in(question).front(), "KEYS"), words.question);
    EXPECT_EQ(spans_of(document, "question", 0), std::vector<std::string>{question});
  }
  const std::string four = question_of(samples_of("niah_multiquery").front(), 0);
  EXPECT_TRUE(std::regex_search(
      four, std::regex("^What are all the special magic numbers for " + std::string(kWords) + ", " +
                       kWords + ", " + kWords + ", and " + kWords + " mentioned")))
      << four;
}

}  // namespace
}  // namespace pressroom::ruler_test
