#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../first_number/numbers.h"
#include "../string_match/judged_answers.h"

namespace pressroom {
namespace {

// Where the brace closes that `text` opens with; npos: nowhere. Escaped braces are text.
std::size_t closing_brace(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

// What is in the last box that closes: one that was cut off is no answer.
std::optional<std::string_view> last_box(std::string_view text) {
  std::size_t end = text.size();
  while (end > 0) {
    std::size_t at = std::string_view::npos;
    std::size_t braces = 0;
    for (const std::string_view box : {"\\boxed{", "\\fbox{"}) {
      const std::size_t found = text.rfind(box, end - 1);
      if (found == std::string_view::npos) continue;
      if (at != std::string_view::npos && found < at) continue;
      at = found;
      braces = found + box.size() - 1;
    }
    if (at == std::string_view::npos) return std::nullopt;
    const std::size_t close = closing_brace(text.substr(braces));
    if (close != std::string_view::npos) return text.substr(braces + 1, close - 1);
    end = at;
  }
  return std::nullopt;
}

void remove_all(std::string& text, std::string_view part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
    text.erase(at, part.size());
  }
}

// \text{...} without its command and braces. One that begins with a space is a unit, and ends it.
void unwrap_words(std::string& text) {
  for (const std::string_view command : {"\\text{", "\\mbox{", "\\textbf{", "\\mathrm{"}) {
    for (std::size_t at = 0; (at = text.find(command, at)) != std::string::npos;) {
      if (text.substr(at + command.size(), 1) == " ") {
        text.erase(at);
        continue;
      }
      const std::size_t close =
          closing_brace(std::string_view(text).substr(at + command.size() - 1));
      if (close == std::string_view::npos) break;
      text.erase(at + command.size() - 1 + close, 1);
      text.erase(at, command.size());
    }
  }
}

// An expression without what does not change it: README.md has the list.
std::string tidied(std::string_view expression) {
  std::string text(expression);
  unwrap_words(text);
  for (const std::string_view part :
       {"\\left", "\\right", "\\!", "\\,", "\\;", "\\:", "\\ ", "^{\\circ}", "^\\circ", "\\%", "%",
        "\\$",    "$",       "\\(", "\\)", "\\[", "\\]", " ",   "\t",        "\n",      "\r"}) {
    remove_all(text, part);
  }
  for (const std::string_view command : {"\\dfrac", "\\tfrac"}) {
    for (std::size_t at = 0; (at = text.find(command, at)) != std::string::npos;) {
      text.replace(at, command.size(), "\\frac");
    }
  }
  while (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

// As of "3 1/2", which is not 31/2, and of "1, 234".
bool has_blank_between_digits(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789,.";
  for (std::size_t at = text.find(' '); at != std::string_view::npos; at = text.find(' ', at + 1)) {
    const std::size_t next = text.find_first_not_of(' ', at);
    const bool is_between = at > 0 && next != std::string_view::npos &&
                            kDigits.find(text[at - 1]) != std::string_view::npos &&
                            kDigits.find(text[next]) != std::string_view::npos;
    if (is_between) return true;
  }
  return false;
}

// An answer: a number where it is one, else an expression.
struct Result {
  std::optional<Fraction> number;
  std::string expression;

  explicit Result(std::string_view text) : expression(tidied(text)) {
    if (!has_blank_between_digits(text)) number = whole_number(expression);
  }
  explicit Result(Fraction value) : number(std::move(value)) {}

  bool is(const Result& other) const {
    if (number || other.number) return number && other.number && *number == *other.number;
    return expression == other.expression;
  }
};

std::optional<Result> result_in(std::string_view text) {
  if (const auto box = last_box(text)) return Result(*box);
  const std::vector<Fraction> numbers = numbers_in(text);
  return numbers.empty() ? std::nullopt : std::optional(Result(numbers.back()));
}

}  // namespace

struct Boxed final : JudgedAnswers<Boxed> {
  static Declaration<Boxed> declare() {
    return Declaration<Boxed>("whether the last \\boxed of generated answers, or number, is right")
        .paper("Hendrycks et al., MATH, NeurIPS 2021, arXiv 2103.03874");
  }

  AnswerValue value() const { return {"boxed", "mean over answers: it is that of a reference"}; }

  double judge(const AnswerText& answer) const {
    const std::optional<Result> said = result_in(answer.text);
    if (!said) return 0;
    return best_over_references(answer, [&said](const std::string& reference) {
      const std::optional<std::string_view> box = last_box(reference);
      return said->is(Result(box ? *box : std::string_view(reference))) ? 1.0 : 0.0;
    });
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Boxed, "boxed", "1.0.0")
