#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "../f1/answer_words.h"
#include "../string_match/judged_answers.h"

namespace pressroom {
namespace {

using Words = std::vector<std::string>;

bool contains(const Words& text, const Words& part) {
  return !part.empty() &&
         std::search(text.begin(), text.end(), part.begin(), part.end()) != text.end();
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_ascii_word(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; }

// The option whose letter `text` begins with: "B", "(B)", "**B**: because". A bare "A" or "I" that
// a word follows is an article or a pronoun.
std::optional<std::size_t> letter_at(std::string_view text, std::size_t options) {
  std::size_t at = text.find_first_not_of(" \t\n\r");
  const std::size_t opening = at;
  at = text.find_first_not_of("([*", at);
  if (at == std::string_view::npos || text[at] < 'A') return std::nullopt;
  const auto option = static_cast<std::size_t>(text[at] - 'A');
  const std::string_view behind = text.substr(at + 1);
  if (option >= std::min<std::size_t>(options, 26)) return std::nullopt;
  if (behind.empty()) return option;
  // Bytes above ASCII are letters of a longer word, or punctuation: the first is likelier.
  if (is_ascii_word(behind[0]) || behind[0] == '\'' || (behind[0] & 0x80) != 0) return std::nullopt;
  const std::size_t next = behind.find_first_not_of(' ');
  const bool word_follows = next != std::string_view::npos && next > 0 && is_letter(behind[next]);
  const bool is_word = (text[at] == 'A' || text[at] == 'I') && at == opening && word_follows;
  return is_word ? std::nullopt : std::optional(option);
}

// The letter behind the first "answer is" or "answer:" that has one.
std::optional<std::size_t> announced(const std::string& text, std::size_t options) {
  std::string lower = text;  // of ASCII alone: offsets stay those of `text`
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view kAnswer = "answer";
  for (std::size_t at = 0; (at = lower.find(kAnswer, at)) != std::string::npos;) {
    at += kAnswer.size();
    const std::string_view behind = std::string_view(lower).substr(at);
    const std::size_t skipped = behind.substr(0, 3) == " is" ? 3 : 0;
    const std::size_t colon = behind.substr(skipped, 1) == ":" ? 1 : 0;
    if (skipped + colon == 0) continue;
    const auto option = letter_at(std::string_view(text).substr(at + skipped + colon), options);
    if (option) return option;
  }
  return std::nullopt;
}

// The one option whose words are in the text; nothing where there are several. One that is a part
// of another that is there does not count: "Paris" in "Paris, Texas".
std::optional<std::size_t> told(const std::string& text, const std::vector<Words>& options) {
  const Words words = answer_words(text);
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (contains(words, options[i])) found.push_back(i);
  }
  const auto is_part = [&](std::size_t i) {
    return std::any_of(found.begin(), found.end(), [&](std::size_t other) {
      return options[other].size() > options[i].size() && contains(options[other], options[i]);
    });
  };
  found.erase(std::remove_if(found.begin(), found.end(), is_part), found.end());
  return found.size() == 1 ? std::optional(found.front()) : std::nullopt;
}

// Which option a reference means: by its text, or by its letter.
std::size_t right_option(const std::string& reference, const std::vector<std::string>& texts,
                         const std::vector<Words>& options) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    // To the letter first: "3.5" and "35" are the same words.
    if (trimmed(texts[i]) == trimmed(reference)) return i;
  }
  const Words words = answer_words(reference);
  const auto same = std::find(options.begin(), options.end(), words);
  if (!words.empty() && same != options.end()) {
    return static_cast<std::size_t>(same - options.begin());
  }
  const auto letter = letter_at(reference, options.size());
  if (letter && words.size() <= 1) return *letter;
  throw Error({"a reference is none of the options", "", "an option, or its letter",
               '"' + reference + '"', "correct the dataset"});
}

}  // namespace

struct Choice final : JudgedAnswers<Choice> {
  static Declaration<Choice> declare() {
    return Declaration<Choice>(
               "whether generated answers choose the right option, by letter or text")
        .paper("as Bai et al., LongBench v2, arXiv 2412.15204");
  }

  AnswerValue value() const { return {"choice", "mean over answers: the right option"}; }

  double judge(const AnswerText& answer) const {
    if (answer.options.empty()) {
      throw Error({"choice has no options to choose from", "", "documents with options",
                   "a question without", "judge this dataset by another metric"});
    }
    std::vector<Words> options;
    for (const std::string& option : answer.options) options.push_back(answer_words(option));
    std::set<std::size_t> right;
    for (const std::string& reference : answer.references) {
      right.insert(right_option(reference, answer.options, options));
    }
    std::optional<std::size_t> chosen = announced(answer.text, options.size());
    if (!chosen) chosen = letter_at(answer.text, options.size());
    if (!chosen) chosen = told(answer.text, options);
    return chosen && right.count(*chosen) > 0 ? 1 : 0;
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Choice, "choice", "1.0.0")
