#include "composition.h"

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom::ruler {
namespace {

// A size of the haystack, and the tokens that the document has with it.
struct Size {
  std::int64_t units = 0;
  std::int64_t tokens = 0;
};

std::string prompt_of(const Composition& made) {
  return made.text.substr(0, made.answers.back().begin);
}

}  // namespace

void Composition::append(const std::string& more, const std::string& name, std::int64_t answer) {
  spans.push_back({name, text.size(), text.size() + more.size(), answer});
  text += more;
}

void Composition::instruct(const std::string& instruction) {
  append(instruction, "instruction");
  context_begin = text.size();
}

void Composition::ask(const std::string& question, const Reply& reply) {
  append("\n");
  if (answers.empty()) {
    context_end = text.size();
    spans.push_back({"context", context_begin, context_end, -1});
  }
  const std::size_t question_begin = text.size();
  append(question, "question", static_cast<std::int64_t>(answers.size()));
  Answer answer;
  answer.begin = text.size();
  append(" " + reply.text);
  answer.end = text.size();
  answer.id = reply.id;
  answer.references = reply.references;
  answer.question = question_begin;
  answers.push_back(std::move(answer));
}

Composition fitted(Sample& sample, std::int64_t length, std::int64_t reserve,
                   const CountTokens& count) {
  const std::int64_t least = sample.least_units();
  const std::int64_t most = sample.most_units();
  if (least > most) {
    throw Error({"the haystack is too short", sample.units_of(),
                 "at least " + std::to_string(least) + " of them", std::to_string(most),
                 "take a longer text or list"});
  }
  const Composition shortest = sample.composed(least);
  // The last answer stands behind the same question whatever the haystack: what it adds is counted
  // once.
  const std::int64_t behind = std::max(reserve, count(shortest.text) - count(prompt_of(shortest)));
  const auto size_of = [&](std::int64_t units) {
    return Size{units, count(prompt_of(sample.composed(units))) + behind};
  };
  const Size first = size_of(least);
  if (first.tokens > length) {
    throw Error({"the task does not fit into its length", "dataset ruler",
                 "at least the " + std::to_string(first.tokens) + " tokens of what is fixed, " +
                     std::to_string(behind) + " of them for the answer",
                 std::to_string(length) + " tokens",
                 "raise \"length\" or the protocol's context, or ask for less: fewer needles, "
                 "chains or questions, a lower \"tokens_to_generate\", \"num_fewshot\" 0"});
  }
  // Tokens grow with the haystack almost in proportion: the line through two counts leads to the
  // last size that fits in few counts of the whole text, where halving takes one for each bit.
  Size low = first;
  std::int64_t too_many = most + 1;
  double tokens_per_unit = 1;
  while (too_many - low.units > 1) {
    const auto room = static_cast<double>(length - low.tokens);
    const std::int64_t guess = low.units + static_cast<std::int64_t>(room / tokens_per_unit);
    // Not far beyond what was counted: the first lines are short, and mislead.
    const std::int64_t farthest = std::min(too_many - 1, 4 * low.units + 8);
    const Size next = size_of(std::clamp(guess, low.units + 1, farthest));
    tokens_per_unit = std::max(1e-3, static_cast<double>(next.tokens - first.tokens) /
                                         static_cast<double>(next.units - first.units));
    if (next.tokens <= length) {
      low = next;
    } else {
      too_many = next.units;
    }
  }
  if (low.units == most) {
    throw Error({"the haystack is shorter than a document", sample.units_of(),
                 std::to_string(length) + " tokens", std::to_string(most) + " units",
                 "take a longer text or list, or a shorter \"length\""});
  }
  return sample.composed(low.units);
}

}  // namespace pressroom::ruler
