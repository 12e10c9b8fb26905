#include "composition.h"

#include <algorithm>
#include <cmath>

#include "pressroom/error.h"
#include "pressroom/most_that_fit.h"

namespace pressroom {
namespace {

using Sentences = std::vector<std::string>;

// The last `count` words of a sentence, as a sentence.
std::string last_words(const std::string& sentence, std::size_t count) {
  std::size_t begin = sentence.size();
  for (; count > 0; --count) begin = sentence.rfind(' ', begin - 1);
  std::string words = sentence.substr(begin);
  if (words.size() > 1 && words[1] >= 'a' && words[1] <= 'z') words[1] -= 'a' - 'A';
  return words;
}

std::size_t words_in(const std::string& sentence) {
  std::size_t words = 0;
  for (const char c : sentence) words += c == ' ';
  return words;
}

// The stretch of a fact: whose evidence it is, if anyone asks for it.
Span span_of(const Plan& plan, std::size_t fact, std::size_t begin, std::size_t end) {
  const auto asked = std::find(plan.asked.begin(), plan.asked.end(), fact);
  if (asked == plan.asked.end()) return {"fact", begin, end};
  return {"evidence", begin, end, asked - plan.asked.begin()};
}

}  // namespace

Composition composed(const Plan& plan, const Sentences& filler) {
  double filler_bytes = 0;
  for (const std::string& sentence : filler) filler_bytes += static_cast<double>(sentence.size());

  Composition made;
  const auto append = [&](const std::string& text) {
    made.text.append(text, made.text.empty() ? 1 : 0);
  };
  double bytes_before = 0;
  std::size_t stated = 0;
  const auto state_facts_before = [&](double place) {
    for (; stated < plan.facts.size() && plan.depths[stated] * filler_bytes <= place; ++stated) {
      const std::size_t begin = made.text.size();
      append(plan.facts[stated].sentence());
      made.facts.push_back(span_of(plan, stated, begin, made.text.size()));
    }
  };
  for (const std::string& sentence : filler) {
    const auto bytes = static_cast<double>(sentence.size());
    state_facts_before(bytes_before + bytes / 2);
    append(sentence);
    bytes_before += bytes;
  }
  state_facts_before(filler_bytes);

  made.context_end = made.text.size();
  for (std::size_t q = 0; q < plan.asked.size(); ++q) {
    const Fact& fact = plan.facts[plan.asked[q]];
    const std::size_t question = made.text.size();
    append(fact.question());
    Answer answer;
    answer.begin = made.text.size();
    append(" " + fact.word);
    answer.end = made.text.size();
    answer.id = fact.name;
    answer.question = question;
    made.answers.push_back(std::move(answer));
    if (q + 1 < plan.asked.size()) append(".");
  }
  return made;
}

Composition fitted(const Plan& plan, const FillerSentence& sentence, std::int64_t length_tokens,
                   const std::function<std::int64_t(const std::string& text)>& count_tokens,
                   std::size_t* used) {
  const auto tokens_with = [&](const Sentences& filler) {
    return count_tokens(composed(plan, filler).text);
  };
  Sentences drawn;
  if (tokens_with(drawn) > length_tokens) {
    throw Error({"the task does not fit into its length", "dataset recall",
                 "at least the " + std::to_string(tokens_with(drawn)) +
                     " tokens of its facts and questions",
                 std::to_string(length_tokens) + " tokens",
                 "raise \"length\" or the protocol's context, or lower \"facts\""});
  }
  while (tokens_with(drawn) <= length_tokens) {
    const std::size_t enough = 2 * drawn.size() + 8;
    while (drawn.size() < enough) drawn.push_back(sentence(drawn.size()));
  }
  const auto first = [&](std::size_t count) {
    return Sentences(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(count));
  };
  const std::size_t whole =
      *most_that_fit(0, drawn.size() - 1, length_tokens,
                     [&](std::size_t count) { return tokens_with(first(count)); });
  const auto with_last_words = [&](std::size_t count) {
    Sentences filler = first(whole);
    if (count > 0) filler.insert(filler.begin(), last_words(drawn[whole], count));
    return filler;
  };
  const std::size_t words =
      *most_that_fit(0, words_in(drawn[whole]) - 1, length_tokens,
                     [&](std::size_t count) { return tokens_with(with_last_words(count)); });
  *used = whole + (words > 0 ? 1 : 0);
  return composed(plan, with_last_words(words));
}

}  // namespace pressroom
