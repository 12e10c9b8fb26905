#include "task_template.h"

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {
namespace {

const std::string kContext = "{context}";
const std::string kQuestion = "{question}";
const std::string kOptions = "{options}";

std::string usual_template(const TaskFields& fields) {
  std::string text;
  if (!fields.context.empty()) text += kContext + "\n\n";
  if (!fields.question.empty()) text += "Question: " + kQuestion + '\n';
  if (!fields.options.empty()) text += kOptions + '\n';
  return text + "Answer:";
}

[[noreturn]] void refuse_template(const std::string& what, const std::string& expected,
                                  const std::string& text) {
  throw Error({what, "dataset jsonl", expected, text, "fix \"template\""});
}

std::size_t occurrences(const std::string& text, const std::string& place) {
  std::size_t count = 0;
  for (std::size_t at = text.find(place); at != std::string::npos; at = text.find(place, at + 1)) {
    ++count;
  }
  return count;
}

void check_place(const std::string& text, const std::string& place, const std::string& field) {
  const std::size_t count = occurrences(text, place);
  if (count == (field.empty() ? 0U : 1U)) return;
  const std::string parameter = place.substr(1, place.size() - 2) + "_field";
  if (field.empty()) {
    refuse_template("the template has a place for what records do not have",
                    "no " + place + ", or a \"" + parameter + '"', text);
  }
  refuse_template("the template does not say where something stands",
                  place + " once, as there is a \"" + parameter + '"', text);
}

// A word in braces that is no place is a slip of the pen; other braces are a part of the text.
void check_words(const std::string& text) {
  for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at + 1);
    if (end == std::string::npos || text[end] != '}' || end == at + 1) continue;
    const std::string place = text.substr(at, end + 1 - at);
    if (place == kContext || place == kQuestion || place == kOptions) continue;
    refuse_template("the template has an unknown place", "{context}, {question} or {options}",
                    place);
  }
}

}  // namespace

std::string option_letter(std::size_t option) {
  return std::string(1, static_cast<char>('A' + option));
}

std::string TaskTemplate::question(const TaskQuestion& question) const {
  std::string options;
  for (std::size_t i = 0; i < question.options.size(); ++i) {
    options += (i > 0 ? "\n" : "") + option_letter(i) + ". " + question.options[i];
  }
  // From the last place to the first, as what is filled in may look like a place.
  std::string text = tail;
  const auto fill = [&](std::size_t at, const std::string& place, const std::string& filling) {
    if (at != std::string::npos) text.replace(at, place.size(), filling);
  };
  const std::size_t at_question = tail.find(kQuestion);
  const std::size_t at_options = tail.find(kOptions);
  const bool options_last = at_question == std::string::npos || at_options > at_question;
  if (options_last) fill(at_options, kOptions, options);
  fill(at_question, kQuestion, question.question);
  if (!options_last) fill(at_options, kOptions, options);
  return text;
}

bool TaskTemplate::begins_with_question() const {
  return lead.empty() && tail.compare(0, kQuestion.size(), kQuestion) == 0;
}

std::string TaskTemplate::answer(const std::string& text) const {
  const bool ends_blank = tail.find_last_not_of(" \t\r\n") + 1 < tail.size();
  return (ends_blank ? "" : " ") + text;
}

TaskTemplate parsed_template(const std::string& text, const TaskFields& fields) {
  const std::string whole = text.empty() ? usual_template(fields) : text;
  check_words(whole);
  check_place(whole, kContext, fields.context);
  check_place(whole, kQuestion, fields.question);
  check_place(whole, kOptions, fields.options);
  const std::size_t asked = std::min(whole.find(kQuestion), whole.find(kOptions));
  std::size_t begin = whole.find(kContext);
  if (begin != std::string::npos) {
    if (asked < begin) {
      refuse_template("the question stands before the context",
                      "{context} first: it is what is read once for all questions", whole);
    }
    return {whole.substr(0, begin), whole.substr(begin + kContext.size())};
  }
  if (asked == std::string::npos) {
    refuse_template("the template has neither context nor question",
                    "a \"context_field\" or a \"question_field\"", whole);
  }
  begin = whole.rfind("\n\n", asked);
  if (begin == std::string::npos) begin = 0;
  return {whole.substr(0, begin), whole.substr(begin)};
}

}  // namespace pressroom
