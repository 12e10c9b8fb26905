#include <map>
#include <string>
#include <vector>

#include "../string_match/judged_answers.h"
#include "answer_words.h"

namespace pressroom {
namespace {

// Harmonic mean of precision and recall of words, each counted as often as it occurs.
double f1_of_words(const std::vector<std::string>& said, const std::vector<std::string>& expected) {
  std::map<std::string, int> left;
  for (const std::string& word : expected) ++left[word];
  double common = 0;
  for (const std::string& word : said) {
    const auto found = left.find(word);
    if (found == left.end() || found->second == 0) continue;
    --found->second;
    ++common;
  }
  // 2 P R / (P + R) with P = common / said and R = common / expected.
  return common == 0 ? 0 : 2 * common / static_cast<double>(said.size() + expected.size());
}

}  // namespace

struct F1 final : JudgedAnswers<F1> {
  static Declaration<F1> declare() {
    return Declaration<F1>("words that generated answers share with the best reference, as F1")
        .paper("Rajpurkar et al., SQuAD, EMNLP 2016, arXiv 1606.05250");
  }

  AnswerValue value() const { return {"f1", "mean over answers, best reference of each"}; }

  double judge(const AnswerText& answer) const {
    const std::vector<std::string> said = answer_words(answer.text);
    return best_over_references(answer, [&said](const std::string& reference) {
      return f1_of_words(said, answer_words(reference));
    });
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::F1, "f1", "1.0.0")
