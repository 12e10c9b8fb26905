#include <string>
#include <string_view>

#include "characters.h"
#include "judged_answers.h"

namespace pressroom {
namespace {

// Text as RULER's scorer looks into it: trimmed, control characters as line ends, trimmed again.
std::string searched_text(std::string_view text) {
  std::string searched(trimmed(text));
  for (char& c : searched) {
    if (static_cast<unsigned char>(c) < 0x20) c = '\n';
  }
  return lower_case(trimmed(searched));
}

}  // namespace

// Whether the references occur in what was said, whatever stands around them.
struct StringMatch final : JudgedAnswers<StringMatch> {
  std::string mode;

  static Declaration<StringMatch> declare() {
    return Declaration<StringMatch>("whether generated answers contain the references")
        .paper("Hsieh et al., RULER, COLM 2024, arXiv 2404.06654")
        .parameter(&StringMatch::mode,
                   string("mode", "all",
                          "all: the share of the references that occur; any: whether one does")
                       .one_of({"all", "any"}));
  }

  AnswerValue value() const {
    if (mode == "any") return {"string_match_any", "mean over answers: a reference occurs"};
    return {"string_match", "mean over answers of the share of references that occur"};
  }

  double judge(const AnswerText& answer) const {
    const std::string said = searched_text(answer.text);
    double found = 0;
    for (const std::string& reference : answer.references) {
      found += said.find(lower_case(reference)) != std::string::npos ? 1 : 0;
    }
    if (mode == "any") return found > 0 ? 1 : 0;
    return found / static_cast<double>(answer.references.size());
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::StringMatch, "string_match", "1.0.0")
