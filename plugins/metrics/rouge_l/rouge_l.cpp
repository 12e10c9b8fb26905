#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "../string_match/characters.h"
#include "../string_match/judged_answers.h"

namespace pressroom {
namespace {

using Sentence = std::vector<std::string>;

// What stands between full stops, in words. Of white space alone it is one empty word, as in the
// package that LongBench scores with; nothing at all is no sentence.
std::vector<Sentence> sentences_of(std::string_view text) {
  std::vector<Sentence> sentences;
  while (!text.empty()) {
    const std::size_t stop = std::min(text.find('.'), text.size());
    if (stop > 0) {
      sentences.push_back(split_words(text.substr(0, stop)));
      if (sentences.back().empty()) sentences.back().emplace_back();
    }
    text.remove_prefix(std::min(stop + 1, text.size()));
  }
  return sentences;
}

// Adds the words of a longest common subsequence. Of several, the one found from the end that gives
// up the last word of `said` first.
void add_common(const Sentence& expected, const Sentence& said, std::set<std::string>& words) {
  const std::size_t width = said.size() + 1;
  std::vector<std::size_t> lengths((expected.size() + 1) * width);  // [i, j]: of the first i and j
  for (std::size_t i = 1; i <= expected.size(); ++i) {
    for (std::size_t j = 1; j <= said.size(); ++j) {
      lengths[i * width + j] =
          expected[i - 1] == said[j - 1]
              ? lengths[(i - 1) * width + j - 1] + 1
              : std::max(lengths[(i - 1) * width + j], lengths[i * width + j - 1]);
    }
  }
  std::size_t i = expected.size();
  std::size_t j = said.size();
  while (i > 0 && j > 0) {
    if (expected[i - 1] == said[j - 1]) {
      words.insert(expected[i - 1]);
      --i;
      --j;
    } else if (lengths[(i - 1) * width + j] > lengths[i * width + j - 1]) {
      --i;
    } else {
      --j;
    }
  }
}

double distinct_words(const std::vector<Sentence>& sentences) {
  std::set<std::string> words;
  for (const Sentence& sentence : sentences) words.insert(sentence.begin(), sentence.end());
  return static_cast<double>(words.size());
}

double rouge_l_of(const std::vector<Sentence>& said, const std::vector<Sentence>& expected) {
  std::set<std::string> common;
  for (const Sentence& reference : expected) {
    for (const Sentence& sentence : said) add_common(reference, sentence, common);
  }
  if (common.empty()) return 0;
  // 2 P R / (P + R) with P and R the share of either side's distinct words.
  return 2 * static_cast<double>(common.size()) / (distinct_words(said) + distinct_words(expected));
}

}  // namespace

struct RougeL final : JudgedAnswers<RougeL> {
  static Declaration<RougeL> declare() {
    return Declaration<RougeL>("longest common subsequences with the best reference (ROUGE-L F)")
        .paper("Lin, ROUGE, ACL 2004 workshop; as Bai et al., LongBench, arXiv 2308.14508");
  }

  AnswerValue value() const { return {"rouge_l", "mean over answers, best reference of each"}; }

  double judge(const AnswerText& answer) const {
    const std::vector<Sentence> said = sentences_of(answer.text);
    return best_over_references(answer, [&said](const std::string& reference) {
      return rouge_l_of(said, sentences_of(reference));
    });
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::RougeL, "rouge_l", "1.0.0")
