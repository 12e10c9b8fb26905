#include "train/starter/task_draft.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {

const std::vector<TaskShape>& task_shapes() {
  static const std::vector<TaskShape> shapes = {
      TaskShape::kSingle1,    TaskShape::kSingle2,       TaskShape::kSingle3,
      TaskShape::kMultikey1,  TaskShape::kMultikey2,     TaskShape::kMultikey3,
      TaskShape::kMultivalue, TaskShape::kMultiquery,    TaskShape::kPairs,
      TaskShape::kVariables,  TaskShape::kVariablesShown};
  return shapes;
}

const char* task_name(TaskShape shape) {
  switch (shape) {
    case TaskShape::kSingle1:
      return "niah_single_1";
    case TaskShape::kSingle2:
      return "niah_single_2";
    case TaskShape::kSingle3:
      return "niah_single_3";
    case TaskShape::kMultikey1:
      return "niah_multikey_1";
    case TaskShape::kMultikey2:
      return "niah_multikey_2";
    case TaskShape::kMultikey3:
      return "niah_multikey_3";
    case TaskShape::kMultivalue:
      return "niah_multivalue";
    case TaskShape::kMultiquery:
      return "niah_multiquery";
    case TaskShape::kPairs:
      return "kv_pairs";
    case TaskShape::kVariables:
      return "vt_no_example";
    case TaskShape::kVariablesShown:
      return "vt";
  }
  PRESSROOM_ASSERT(false);
}

void MarkedText::add(std::string_view piece, TextMark mark) {
  text += piece;
  pieces.push_back({text.size(), mark});
}

void MarkedText::add(const MarkedText& other) {
  const std::size_t before = text.size();
  text += other.text;
  for (const Piece& piece : other.pieces) pieces.push_back({before + piece.end, piece.mark});
}

MarkedText TaskDraft::whole(const std::vector<std::string>& units,
                            const std::vector<std::size_t>& places) const {
  MarkedText all = head;
  bool is_first = true;
  const auto put = [&](const std::string& text, TextMark mark) {
    if (!std::exchange(is_first, false)) all.add(between, TextMark::kStatement);
    all.add(text, mark);
  };
  std::size_t fact = 0;
  for (std::size_t unit = 0; unit <= units.size(); ++unit) {
    while (fact < facts.size() && places[fact] <= unit) {
      put(facts[fact++], TextMark::kStatement);
    }
    if (unit < units.size()) put(units[unit], unit_mark);
  }
  all.add(tail);
  return all;
}

std::vector<std::size_t> draw_order(CounterRng* rng, std::size_t count) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(order[i], order[i + rng->below(count - i)]);
  return order;
}

std::vector<std::size_t> draw_places(CounterRng* rng, std::size_t facts, std::size_t units) {
  std::vector<std::size_t> places(facts);
  for (std::size_t& place : places) place = rng->below(units + 1);
  std::sort(places.begin(), places.end());
  return places;
}

std::int64_t draw_count(CounterRng* rng, std::int64_t most) {
  return 1 + static_cast<std::int64_t>(rng->below(static_cast<std::uint64_t>(most)));
}

std::string draw_beginning(CounterRng* rng, std::string_view phrase) {
  if (rng->below(2) == 0) return std::string(phrase);
  const auto blanks = static_cast<std::uint64_t>(std::count(phrase.begin(), phrase.end(), ' '));
  std::size_t end = 0;
  for (std::uint64_t words = rng->below(blanks + 1); words > 0; --words) {
    end = phrase.find(' ', end + 1);
  }
  return std::string(phrase.substr(0, end));
}

std::string draw_ending(CounterRng* rng, std::string_view phrase) {
  const auto blanks = static_cast<std::uint64_t>(std::count(phrase.begin(), phrase.end(), ' '));
  for (std::uint64_t words = rng->below(blanks + 1); words > 0; --words) {
    phrase.remove_prefix(phrase.find(' ') + 1);
  }
  return std::string(phrase);
}

}  // namespace pressroom
