#include <algorithm>
#include <set>

#include "train/starter/task_draft.h"

namespace pressroom {
namespace {

constexpr std::int64_t kMostChains = 4;   // of a dense sample
constexpr std::int64_t kHops = 4;         // of a chain, as in the recipe
constexpr std::size_t kExampleNoise = 5;  // sentences around the example
constexpr int kLetters = 5, kExampleLetters = 3;
constexpr int kValueDigits = 5;

struct Chain {
  std::string value;
  std::vector<std::string> variables;
};

// No name and no value comes twice in a sample.
class ChainSource {
 public:
  explicit ChainSource(CounterRng* rng) : rng_(*rng) {}

  Chain draw(std::int64_t hops, int letters) {
    Chain chain{draw_new([&] { return draw_digits(&rng_, kValueDigits); }), {}};
    for (std::int64_t v = 0; v <= hops; ++v) {
      chain.variables.push_back(draw_new([&] { return draw_variable(&rng_, letters); }));
    }
    return chain;
  }

 private:
  template <typename Draw>
  std::string draw_new(const Draw& draw) {
    std::string text = draw();
    while (!seen_.insert(text).second) text = draw();
    return text;
  }

  CounterRng& rng_;
  std::set<std::string> seen_;
};

std::vector<std::string> assignments(const Chain& chain) {
  std::vector<std::string> lines = {"VAR " + chain.variables[0] + " = " + chain.value};
  for (std::size_t v = 1; v < chain.variables.size(); ++v) {
    lines.push_back("VAR " + chain.variables[v] + " = VAR " + chain.variables[v - 1] + " ");
  }
  return lines;
}

// The chains' lines mixed, each chain in its order.
std::vector<std::string> mixed(const std::vector<Chain>& chains, CounterRng* rng) {
  std::vector<std::size_t> whose;
  for (std::size_t c = 0; c < chains.size(); ++c) {
    whose.insert(whose.end(), chains[c].variables.size(), c);
  }
  std::vector<std::size_t> said(chains.size(), 0);
  std::vector<std::string> lines;
  for (const std::size_t i : draw_order(rng, whose.size())) {
    lines.push_back(assignments(chains[whose[i]])[said[whose[i]]++]);
  }
  return lines;
}

std::string instruction() {
  return "Memorize and track the chain(s) of variable assignment hidden in the following text.\n\n";
}

void ask(const Chain& chain, TextMark answer_mark, MarkedText* tail) {
  tail->add(
      "\nQuestion: Find all variables that are assigned the value " + chain.value +
          " in the text above. Answer: According to the chain(s) of variable assignment in the "
          "text above, " +
          std::to_string(chain.variables.size()) + " variables are assigned the value " +
          chain.value + ", they are:",
      TextMark::kStatement);
  std::string names;
  for (const std::string& name : chain.variables) names += " " + name;
  tail->add(names, answer_mark);
}

// A solved sample in front of the one that is asked, with names of three letters.
MarkedText example(ChainSource* source, CounterRng* rng) {
  const Chain chain = source->draw(kHops, kExampleLetters);
  TaskDraft draft;
  draft.head.add(instruction(), TextMark::kStatement);
  draft.facts = assignments(chain);
  draft.between = "\n";
  ask(chain, TextMark::kStatement, &draft.tail);
  draft.tail.add("\n\n", TextMark::kStatement);
  return draft.whole(std::vector<std::string>(kExampleNoise, kTaskNoise),
                     draw_places(rng, draft.facts.size(), kExampleNoise));
}

}  // namespace

TaskDraft draft_variables(const TaskSpec& spec, TaskCounts most, CounterRng* rng) {
  ChainSource source(rng);
  TaskDraft draft;
  if (spec.shape == TaskShape::kVariablesShown) draft.head = example(&source, rng);
  draft.head.add(instruction(), TextMark::kStatement);
  const std::int64_t count = spec.is_dense ? draw_count(rng, std::min(most.facts, kMostChains)) : 1;
  std::vector<Chain> chains;
  for (std::int64_t c = 0; c < count; ++c) {
    chains.push_back(source.draw(spec.is_dense ? draw_count(rng, kHops) : kHops, kLetters));
  }
  draft.facts = mixed(chains, rng);
  const std::int64_t questions =
      std::min(count, spec.is_dense ? draw_count(rng, most.questions) : 1);
  const std::vector<std::size_t> order = draw_order(rng, chains.size());
  for (std::int64_t q = 0; q < questions; ++q) {
    ask(chains[order[static_cast<std::size_t>(q)]], TextMark::kAnswer, &draft.tail);
  }
  draft.between = "\n";
  draft.next_unit = [] { return std::string(kTaskNoise); };
  return draft;
}

}  // namespace pressroom
