#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../string_match/judged_answers.h"
#include "numbers.h"

namespace pressroom {
namespace {

// What GSM8K writes its result behind.
constexpr std::string_view kResult = "####";

std::optional<Fraction> result_of(std::string_view text, bool last) {
  const std::size_t mark = text.find(kResult);
  // What follows the result is another problem, or nothing.
  if (mark != std::string_view::npos) return result_of(text.substr(mark + kResult.size()), false);
  const std::vector<Fraction> numbers = numbers_in(text);
  if (numbers.empty()) return std::nullopt;
  return last ? numbers.back() : numbers.front();
}

}  // namespace

struct FirstNumber final : JudgedAnswers<FirstNumber> {
  std::string which;

  static Declaration<FirstNumber> declare() {
    return Declaration<FirstNumber>("whether the number in generated answers is the right one")
        .paper("Cobbe et al., Training verifiers to solve math word problems, arXiv 2110.14168")
        .parameter(&FirstNumber::which,
                   string("which", "first", "the number of a text without ####: first or last")
                       .one_of({"first", "last"}));
  }

  AnswerValue value() const {
    return {which + "_number", "mean over answers: the number is that of a reference"};
  }

  double judge(const AnswerText& answer) const {
    const bool last = which == "last";
    const std::optional<Fraction> said = result_of(answer.text, last);
    return best_over_references(answer, [&](const std::string& reference) {
      const std::optional<Fraction> expected = result_of(reference, last);
      if (!expected) {
        throw Error({"a reference has no number", "", "a number to compare with",
                     '"' + reference + '"', "judge this dataset by another metric"});
      }
      return said && *said == *expected ? 1.0 : 0.0;
    });
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::FirstNumber, "first_number", "1.0.0")
