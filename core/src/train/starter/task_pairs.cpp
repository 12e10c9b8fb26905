#include <algorithm>

#include "train/starter/task_draft.h"

namespace pressroom {
namespace {

struct KeyValue {
  std::string key, value;
};

enum class PairKind { kUuids, kNumbers };

KeyValue draw_pair(PairKind kind, CounterRng* rng) {
  const auto draw = [&] { return kind == PairKind::kUuids ? draw_uuid(rng) : draw_digits(rng, 7); };
  // In this order: the order in which arguments are evaluated is not fixed.
  std::string key = draw();
  return {std::move(key), draw()};
}

std::string line_of(const KeyValue& pair) { return '"' + pair.key + "\": \"" + pair.value + '"'; }

}  // namespace

TaskDraft draft_pairs(const TaskSpec& spec, TaskCounts most, CounterRng* rng) {
  TaskDraft draft;
  draft.head.add(
      "Extract the value corresponding to the specified key in the JSON object below.\n\n{",
      TextMark::kStatement);
  // Numbers are short: more pairs in a sample to tell apart.
  const bool has_numbers = spec.is_dense && rng->below(3) == 0;
  const PairKind kind = has_numbers ? PairKind::kNumbers : PairKind::kUuids;
  std::vector<KeyValue> pairs;
  const std::int64_t questions = spec.is_dense ? draw_count(rng, most.questions) : 1;
  for (std::int64_t q = 0; q < questions; ++q) {
    pairs.push_back(draw_pair(kind, rng));
    draft.facts.push_back(line_of(pairs.back()));
  }
  draft.tail.add("}", TextMark::kStatement);
  for (const std::size_t p : draw_order(rng, pairs.size())) {
    draft.tail.add(
        "\n\nKey: \"" + pairs[p].key + "\"\nThe value associated with the specified key is:",
        TextMark::kStatement);
    draft.tail.add(" " + pairs[p].value, TextMark::kAnswer);
  }
  draft.between = ", ";
  draft.next_unit = [kind, own = CounterRng(rng->next(), 0)]() mutable {
    return line_of(draw_pair(kind, &own));
  };
  return draft;
}

}  // namespace pressroom
