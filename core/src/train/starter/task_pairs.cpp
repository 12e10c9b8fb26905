#include <algorithm>

#include "train/starter/task_draft.h"

namespace pressroom {
namespace {

constexpr const char* kAssociated = " value associated with the specified key is";

struct KeyValue {
  std::string key, value;
};

enum class PairKind { kUuids, kNumbers };

KeyValue draw_pair(PairKind kind, int digits, CounterRng* rng) {
  const auto draw = [&] {
    return kind == PairKind::kUuids ? draw_uuid(rng) : draw_digits(rng, digits);
  };
  // In this order: the order in which arguments are evaluated is not fixed.
  std::string key = draw();
  return {std::move(key), draw()};
}

std::string line_of(const KeyValue& pair) { return '"' + pair.key + "\": \"" + pair.value + '"'; }

}  // namespace

TaskDraft draft_pairs(const TaskSpec& spec, TaskCounts most, CounterRng* rng) {
  // Numbers are short: more pairs in a sample to tell apart.
  const bool has_numbers = spec.is_dense && rng->below(2) == 0;
  const bool is_terse = has_numbers && rng->below(2) == 0;
  const int digits = is_terse ? 2 + static_cast<int>(draw_count(rng, 3)) : 7;
  const PairKind kind = has_numbers ? PairKind::kNumbers : PairKind::kUuids;
  TaskDraft draft;
  const std::string task =
      is_terse
          ? ""
          : "Extract the value corresponding to the specified key in the JSON object below.\n\n";
  draft.head.add(task + '{', TextMark::kStatement);
  std::vector<KeyValue> pairs;
  const std::int64_t wanted = is_terse ? most.facts : most.questions;
  const std::int64_t questions = spec.is_dense ? draw_count(rng, wanted) : 1;
  for (std::int64_t q = 0; q < questions; ++q) {
    pairs.push_back(draw_pair(kind, digits, rng));
    draft.facts.push_back(line_of(pairs.back()));
  }
  draft.tail.add("}", TextMark::kStatement);
  for (const std::size_t p : draw_order(rng, pairs.size())) {
    const std::string rest = spec.is_dense ? draw_beginning(rng, kAssociated) : kAssociated;
    draft.tail.add("\n\nKey: \"" + pairs[p].key + "\"\nThe" + rest + ':', TextMark::kStatement);
    draft.tail.add(" " + pairs[p].value, TextMark::kAnswer);
  }
  draft.between = ", ";
  draft.next_unit = [kind, digits, own = CounterRng(rng->next(), 0)]() mutable {
    return line_of(draw_pair(kind, digits, &own));
  };
  return draft;
}

}  // namespace pressroom
