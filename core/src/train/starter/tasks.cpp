#include "train/starter/tasks.h"

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {

TaskSamples::TaskSamples(const Tokenizer& tokenizer, const std::vector<std::int64_t>& filler_ids)
    : tokenizer_(tokenizer), filler_ids_(filler_ids), words_(tokenizer, filler_ids) {}

std::int64_t TaskSamples::tokens(const std::string& text) const {
  return static_cast<std::int64_t>(tokenizer_.encode(text, Special::kNone).size());
}

TaskDraft TaskSamples::draft(const TaskSpec& spec, TaskCounts most, CounterRng* rng) const {
  switch (spec.shape) {
    case TaskShape::kPairs:
      return draft_pairs(spec, most, rng);
    case TaskShape::kVariables:
    case TaskShape::kVariablesShown:
      return draft_variables(spec, most, rng);
    default:
      return draft_needles(spec, most, words_, rng);
  }
}

// Units as long as their tokens fit. A text may have some tokens more than its pieces: then units
// are taken out again until the whole fits.
std::optional<MarkedText> TaskSamples::fill(TaskDraft draft, std::int64_t length,
                                            CounterRng* rng) const {
  const std::int64_t between = tokens(draft.between);
  std::int64_t room = length - tokens(draft.head.text) - tokens(draft.tail.text);
  for (const std::string& fact : draft.facts) room -= tokens(fact) + between;
  std::vector<std::string> units;
  while (room > 0) {
    units.push_back(draft.next_unit());
    room -= tokens(units.back()) + between;
  }
  if (room < 0 && !units.empty()) units.pop_back();
  while (true) {
    const MarkedText text = draft.whole(units, draw_places(rng, draft.facts.size(), units.size()));
    if (tokens(text.text) <= length) return text;
    if (units.empty()) return std::nullopt;
    units.pop_back();
  }
}

TaskSample TaskSamples::cut_into_tokens(const MarkedText& text, std::int64_t length,
                                        CounterRng* rng) const {
  TaskSample sample;
  sample.ids = tokenizer_.encode(text.text, Special::kNone);
  std::size_t at = 0, piece = 0, answered = text.pieces.size();
  for (std::size_t i = 0; i < sample.ids.size(); ++i) {
    while (at >= text.pieces[piece].end) ++piece;
    const TextMark mark = text.pieces[piece].mark;
    sample.statement.push_back(mark == TextMark::kProse ? 0 : 1);
    if (mark == TextMark::kAnswer) {
      const auto place = static_cast<std::int64_t>(i);
      if (answered != piece) sample.answers.push_back({place, place});
      answered = piece;
      sample.answers.back().last = place + 1;
    }
    at += tokenizer_.token_bytes(sample.ids[i]).size();
  }
  const std::size_t rest = static_cast<std::size_t>(length) - sample.ids.size();
  const auto from =
      filler_ids_.begin() + static_cast<std::ptrdiff_t>(rng->below(filler_ids_.size() - rest));
  sample.ids.insert(sample.ids.end(), from, from + static_cast<std::ptrdiff_t>(rest));
  sample.statement.resize(static_cast<std::size_t>(length), 0);
  return sample;
}

std::optional<TaskSample> TaskSamples::make(const TaskSpec& spec, std::uint64_t seed,
                                            std::uint64_t index) const {
  PRESSROOM_ASSERT(static_cast<std::int64_t>(filler_ids_.size()) > spec.length_tokens);
  CounterRng rng(seed, hash_stream(task_name(spec.shape), index));
  const std::int64_t many = std::max<std::int64_t>(1, spec.length_tokens / 32);
  TaskCounts most{many, std::max<std::int64_t>(1, many / 2)};
  while (true) {
    const auto text = fill(draft(spec, most, &rng), spec.length_tokens, &rng);
    if (text) return cut_into_tokens(*text, spec.length_tokens, &rng);
    // A dense sample tries again with less; others have what the shape says.
    if (!spec.is_dense || most.facts == 1) return std::nullopt;
    most = {std::max<std::int64_t>(1, most.facts / 2),
            std::max<std::int64_t>(1, most.questions / 2)};
  }
}

}  // namespace pressroom
