// The text of a sample of tasks.h before it has a length: what is fixed, and what fills it up.
//
//   TaskDraft draft = draft_needles({TaskShape::kMultikey2, 512}, {4, 1}, words, &rng);
//   MarkedText text = draft.whole(units, places);  // head, haystack with facts in it, questions
//
// The shapes and their wording are those of RULER (Hsieh et al. 2024), of which a model reads them
// in the end; the pairs in JSON are SCBench's (Li et al. 2024).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "train/starter/task_shapes.h"
#include "train/starter/task_words.h"

namespace pressroom {

// What a stretch of a sample is: it decides how much its tokens count.
enum class TextMark { kProse, kStatement, kAnswer };

struct MarkedText {
  struct Piece {
    std::size_t end;  // in bytes; it begins where the one before ends
    TextMark mark;
  };

  std::string text;
  std::vector<Piece> pieces;

  void add(std::string_view piece, TextMark mark);
  void add(const MarkedText& other);
};

struct TaskDraft {
  MarkedText head;                 // what is asked for
  std::vector<std::string> facts;  // in the order in which they stand in the haystack
  MarkedText tail;                 // questions, each with its answer
  std::string between;             // two neighbours of facts and units
  TextMark unit_mark = TextMark::kStatement;
  std::function<std::string()> next_unit;  // the haystack, a piece at a time

  // Fact i stands before unit places[i], or at the end: places are in ascending order.
  MarkedText whole(const std::vector<std::string>& units,
                   const std::vector<std::size_t>& places) const;
};

// The recipe's noise.
inline constexpr const char* kTaskNoise =
    "The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.";

// 0..count-1 in a random order.
std::vector<std::size_t> draw_order(CounterRng* rng, std::size_t count);

// From 1 to `most`.
std::int64_t draw_count(CounterRng* rng, std::int64_t most);

// For each of `facts` a place among `units`, in ascending order.
std::vector<std::size_t> draw_places(CounterRng* rng, std::size_t facts, std::size_t units);

// `phrase`, or half of the time only its first words, from none to all but one. A key that is asked
// for is looked up through the words between it and its answer: with few of them a model learns to,
// and with more it goes on from there; it hardly does by whole questions alone.
std::string draw_beginning(CounterRng* rng, std::string_view phrase);

// The last words of `phrase`, each with a blank behind it, from none to all.
std::string draw_ending(CounterRng* rng, std::string_view phrase);

// How much a sample holds at most: keys or chains, and questions about them.
struct TaskCounts {
  std::int64_t facts;
  std::int64_t questions;
};

// `words` must outlive the draft. What is drawn depends on `spec`, `most` and `rng` alone. A sample
// that is not dense has the counts of the recipe, whatever `most` says.
TaskDraft draft_needles(const TaskSpec& spec, TaskCounts most, const TaskWords& words,
                        CounterRng* rng);
TaskDraft draft_pairs(const TaskSpec& spec, TaskCounts most, CounterRng* rng);
TaskDraft draft_variables(const TaskSpec& spec, TaskCounts most, CounterRng* rng);

}  // namespace pressroom
