// Common and frequent words of the reader ruler, over 500 documents each: how often each stands.
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "ruler_test_support.h"

namespace pressroom::ruler_test {
namespace {

// The words of "1. bada 2. bade ..."; empty where the numbers are not 1, 2, 3 ...
std::vector<std::string> entries_in(const std::string& list) {
  const std::vector<std::string> parts = split(list, " ");
  std::vector<std::string> words;
  for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
    if (parts[i] != std::to_string(i / 2 + 1) + ".") return {};
    words.push_back(parts[i + 1]);
  }
  return words;
}

std::map<std::string, int> frequencies_of(const std::vector<std::string>& words) {
  std::map<std::string, int> frequencies;
  for (const std::string& word : words) ++frequencies[word];
  return frequencies;
}

// How many words stand so often.
std::map<int, std::size_t> words_by_frequency(const std::vector<std::string>& words) {
  std::map<int, std::size_t> counts;
  for (const auto& [word, times] : frequencies_of(words)) ++counts[times];
  return counts;
}

// The words that stand most often, in the order in which they are met.
std::vector<std::string> most_common(const std::vector<std::string>& words) {
  const std::map<std::string, int> frequencies = frequencies_of(words);
  int most = 0;
  for (const auto& [word, times] : frequencies) most = std::max(most, times);
  std::vector<std::string> common;
  for (const std::string& word : words) {
    if (frequencies.at(word) == most && !is_in(word, common)) common.push_back(word);
  }
  return common;
}

void expect_common_words(const Document& document, int common, int other) {
  const std::vector<std::string> words = entries_in(context_of(document));
  ASSERT_FALSE(words.empty()) << context_of(document);
  std::map<int, std::size_t> counts = words_by_frequency(words);
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts[common], 10U);
  EXPECT_GT(counts[other], 10U);
  ASSERT_EQ(document.answers.size(), 1U);
  EXPECT_EQ(document.answers[0].references, most_common(words));
  EXPECT_EQ(entries_in(answer_text(document, document.answers[0]).substr(1)), most_common(words));
  EXPECT_EQ(spans_of(document, "evidence", 0).size(), 10U * static_cast<std::size_t>(common));
  EXPECT_EQ(question_of(document, 0),
            "Question: What are the 10 most common words in the above list? Answer: The top 10 "
            "words that appear most often in the list are:");
}

// The example: an instruction, a list, the question, its answer.
void expect_example(const Document& document, int common, int other, std::size_t all) {
  const std::vector<std::string> spans = spans_of(document, "example");
  ASSERT_EQ(spans.size(), 1U);
  const std::vector<std::string> lines = split(spans.front(), "\n");
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0],
            "Below is a numbered list of words. In these words, some appear more often than "
            "others. Memorize the ones that appear most often.");
  const std::vector<std::string> words = entries_in(lines[1]);
  std::map<int, std::size_t> counts = words_by_frequency(words);
  EXPECT_EQ(counts[common], 10U);
  EXPECT_EQ(counts[other], all - 10);
  const std::string end = " in the list are: ";
  EXPECT_EQ(entries_in(lines[2].substr(lines[2].find(end) + end.size())), most_common(words));
}

TEST(RulerCommonWords, StandSixTimesInAShortListAndTheOthersOnce) {
  ASSERT_EQ(samples_of("cwe").size(), 500U);
  for (const Document& document : samples_of("cwe")) {
    expect_common_words(document, 6, 1);
    expect_example(document, 3, 1, 20);
  }
}

TEST(RulerCommonWords, StandThirtyTimesInALongListAndTheOthersThreeTimes) {
  const Given given = task_with("cwe", {{"documents", std::int64_t{10}}});
  for (const Document& document : documents_of(given, {4096, quarters})) {
    expect_common_words(document, 30, 3);
    expect_example(document, 10, 3, 40);
  }
}

// Riemann's zeta function: the first million terms, and the integral over the rest with half of the
// term where it begins.
double zeta(double alpha) {
  constexpr int kTerms = 1000000;
  double sum = 0;
  for (int k = kTerms - 1; k > 0; --k) sum += std::pow(k, -alpha);
  return sum + std::pow(kTerms, 1 - alpha) / (alpha - 1) + std::pow(kTerms, -alpha) / 2;
}

// The frequencies of `units` draws by the zeta law, by rank from 1 on, those above 0.
std::vector<int> expected_frequencies(std::int64_t units, double alpha, double zeta_of_alpha,
                                      std::size_t words) {
  std::vector<int> expected;
  for (std::size_t rank = 1; rank <= words; ++rank) {
    const double times =
        static_cast<double>(units) * std::pow(static_cast<double>(rank), -alpha) / zeta_of_alpha;
    if (times >= 1) expected.push_back(static_cast<int>(times));
  }
  return expected;
}

std::int64_t draws_told(const Document& document) {
  const std::string told = " of them for an answer: ";
  return std::stoll(document.provenance.substr(document.provenance.find(told) + told.size()));
}

void expect_zeta_law(const Document& document, double alpha, double zeta_of_alpha,
                     std::size_t vocabulary) {
  std::vector<std::pair<int, std::string>> found;
  for (const auto& [word, times] : frequencies_of(split(context_of(document), " "))) {
    found.emplace_back(times, word);
  }
  std::sort(found.rbegin(), found.rend());
  std::vector<int> frequencies;
  for (const auto& [times, word] : found) frequencies.push_back(times);
  EXPECT_EQ(frequencies,
            expected_frequencies(draws_told(document), alpha, zeta_of_alpha, vocabulary));
  ASSERT_GE(found.size(), 4U);
  EXPECT_EQ(found[0].second, "...");
  const std::vector<std::string> most = {found[1].second, found[2].second, found[3].second};
  EXPECT_GT(found[1].first, found[2].first);
  EXPECT_GT(found[2].first, found[3].first);
  if (found.size() > 4) {
    EXPECT_GT(found[3].first, found[4].first);
  }
  ASSERT_EQ(document.answers.size(), 1U);
  EXPECT_EQ(document.answers[0].references, most);
  EXPECT_EQ(answer_text(document, document.answers[0]),
            " " + most[0] + ", " + most[1] + ", " + most[2]);
  EXPECT_EQ(spans_of(document, "evidence", 0).size(),
            static_cast<std::size_t>(found[1].first + found[2].first + found[3].first));
}

TEST(RulerFrequentWords, FollowTheZetaLaw) {
  const double zeta_of_two = zeta(2);
  ASSERT_NEAR(zeta_of_two, std::acos(-1.0) * std::acos(-1.0) / 6, 1e-9);
  ASSERT_EQ(samples_of("fwe").size(), 500U);
  std::set<std::string> words;
  for (const Document& document : samples_of("fwe")) {
    expect_zeta_law(document, 2, zeta_of_two, kLength / 50);
    for (const std::string& word : document.answers[0].references) {
      EXPECT_EQ(word.size(), 6U);
      words.insert(word);
    }
    EXPECT_EQ(question_of(document, 0),
              "Question: Do not provide any explanation. Please ignore the dots '....'. What are "
              "the three most frequently appeared words in the above coded text? Answer: According "
              "to the coded text above, the three most frequently appeared words are:");
  }
  EXPECT_EQ(words.size(), 1500U);
}

TEST(RulerFrequentWords, FollowTheLawThatIsAskedFor) {
  for (const double alpha : {1.5, 3.0}) {
    SCOPED_TRACE(alpha);
    const double zeta_of_alpha = zeta(alpha);
    const Given given = task_with("fwe", {{"documents", std::int64_t{20}},
                                          {"alpha", alpha},
                                          {"vocab_size", std::int64_t{300}},
                                          {"coded_wordlen", std::int64_t{8}}});
    for (const Document& document : documents_of(given, {3000, quarters})) {
      expect_zeta_law(document, alpha, zeta_of_alpha, 300);
    }
  }
}

}  // namespace
}  // namespace pressroom::ruler_test
