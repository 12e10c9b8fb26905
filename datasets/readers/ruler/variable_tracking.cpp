#include "variable_tracking.h"

#include <algorithm>
#include <set>

#include "parts.h"

namespace pressroom::ruler {
namespace {

constexpr std::size_t kLetters = 5;
constexpr std::size_t kValueDigits = 5;
// Of the example.
constexpr std::size_t kExampleLetters = 3;
constexpr std::int64_t kExampleHops = 10;  // at most
constexpr std::int64_t kExampleTokens = 500;
constexpr std::int64_t kExampleLines = 5;
constexpr std::int64_t kExampleWords = 50;

}  // namespace

Chains::Chains(std::int64_t chains, std::int64_t hops, std::size_t letters, std::int64_t questions,
               RandomKey key, const Prose* prose)
    : key_(key), prose_(prose) {
  const auto count = static_cast<std::size_t>(chains);
  const auto length = static_cast<std::size_t>(hops) + 1;
  std::set<std::string> taken;
  for (std::size_t c = 0; c < count; ++c) {
    Chain chain;
    chain.value = distinct(taken, key.with("value").with(c),
                           [](RandomKey k) { return drawn_digits(k, kValueDigits); });
    for (std::size_t v = 0; v < length; ++v) {
      chain.variables.push_back(
          distinct(taken, key.with("variable").with(c).with(v),
                   [&](RandomKey k) { return drawn_letters(k, letters, 'A'); }));
    }
    chains_.push_back(std::move(chain));
  }
  asked_ = draw_distinct(key.with("asked"), count, static_cast<std::size_t>(questions));
  for (const std::size_t s : draw_distinct(key.with("order"), count * length, count * length)) {
    order_.push_back(s / length);
  }
}

std::int64_t Chains::least_units() const {
  return prose_ != nullptr ? 1 : static_cast<std::int64_t>(order_.size());
}

std::int64_t Chains::most_units() const { return prose_ != nullptr ? prose_->words() : kUnlimited; }

std::string Chains::units_of() const { return prose_ != nullptr ? prose_->source().path : ""; }

// Each chain's in its order, and the chains mixed.
std::vector<Hidden> Chains::statements() const {
  std::vector<std::size_t> stated(chains_.size());
  std::vector<Hidden> all;
  for (const std::size_t c : order_) {
    const Chain& chain = chains_[c];
    const std::size_t v = stated[c]++;
    std::string text = "VAR " + chain.variables[v] + " = ";
    // The blank at the end is the recipe's; in prose it has full stops instead.
    text += v == 0 ? chain.value : "VAR " + chain.variables[v - 1] + (prose_ == nullptr ? " " : "");
    if (prose_ != nullptr) text += ".";
    const auto asked = std::find(asked_.begin(), asked_.end(), c);
    all.push_back({std::move(text), asked == asked_.end() ? -1 : asked - asked_.begin()});
  }
  return all;
}

void Chains::write(Composition& made, std::int64_t units) const {
  made.instruct(
      "Memorize and track the chain(s) of variable assignment hidden in the following "
      "text.\n\n");
  const Haystack hay = prose_ != nullptr ? prose(*prose_, units) : noise(units);
  put_into(made, hay, places_in(hay, key_.with("places"), order_.size()), statements());
  for (const std::size_t c : asked_) {
    const Chain& chain = chains_[c];
    made.ask("Question: Find all variables that are assigned the value " + chain.value +
                 " in the text above. Answer: According to the chain(s) of variable assignment in "
                 "the text above, " +
                 std::to_string(chain.variables.size()) + " variables are assigned the value " +
                 chain.value + ", they are:",
             {chain.value, joined(chain.variables, " "), chain.variables});
  }
}

Composition Chains::composed(std::int64_t units) {
  Composition made;
  write(made, units);
  return made;
}

VariableTracking::VariableTracking(const Settings& settings, RandomKey key, const Prose* prose,
                                   std::int64_t length, const CountTokens& count)
    : problem_(settings.num_chains, settings.num_hops, kLetters, settings.questions, key, prose) {
  if (settings.num_fewshot == 0) return;
  Chains example(settings.num_chains, std::min(settings.num_hops, kExampleHops), kExampleLetters, 1,
                 key.with("example"), prose);
  const std::int64_t few = prose != nullptr ? kExampleWords : kExampleLines;
  const Composition made = length < kShortDocument
                               ? example.composed(std::max(few, example.least_units()))
                               : fitted(example, kExampleTokens, 0, count);
  example_ = made.text + "\n\n";
}

Composition VariableTracking::composed(std::int64_t units) {
  Composition made;
  if (!example_.empty()) made.append(example_, "example");
  problem_.write(made, units);
  return made;
}

}  // namespace pressroom::ruler
