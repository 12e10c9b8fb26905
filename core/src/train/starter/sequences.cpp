#include "train/starter/sequences.h"

#include <algorithm>

#include "pressroom/error.h"
#include "train/starter/counter_rng.h"

namespace pressroom {
namespace {

constexpr std::int64_t kDenseLength = 129;  // up to here recall leaves no room for text
constexpr int kTaskAttempts = 8;
constexpr double kDenseTasks = 0.7;  // share of task samples with many questions

}  // namespace

std::vector<TrainingPhase> task_phases() {
  return {{0.20, 128, 0.10, 0.05, true, 0.65},
          {0.50, 256, 0.10, 0.05, true, 0.60},
          {0.85, 512, 0.05, 0.05, true, 0.60},
          {1.00, 1024, 0.05, 0.05, true, 0.60}};
}

SequenceSampler::SequenceSampler(const Tokenizer& tokenizer,
                                 const std::vector<std::int64_t>& training_ids, DietRecipe recipe,
                                 std::uint64_t seed)
    : training_ids_(training_ids),
      recipe_(std::move(recipe)),
      seed_(seed),
      vocabulary_size_(tokenizer.vocabulary_size()),
      recall_(tokenizer, training_ids) {
  for (const TrainingPhase& phase : recipe_.phases) {
    if (phase.task_share > 0 && !tasks_) tasks_.emplace(tokenizer, training_ids);
    const std::int64_t needed = phase.length + 2;
    if (static_cast<std::int64_t>(training_ids.size()) >= needed) continue;
    throw Error({"the training text is too short", "", std::to_string(needed) + " tokens or more",
                 std::to_string(training_ids.size()) + " tokens", "add text"});
  }
}

const TrainingPhase& SequenceSampler::phase(std::int64_t step) const {
  const double done = static_cast<double>(step) / static_cast<double>(recipe_.steps);
  for (const TrainingPhase& phase : recipe_.phases) {
    if (done < phase.until) return phase;
  }
  return recipe_.phases.back();
}

Batch SequenceSampler::batch(std::int64_t step) const {
  const TrainingPhase& now = phase(step);
  const std::int64_t length = now.length;
  const std::int64_t sequences = std::max<std::int64_t>(1, recipe_.tokens_per_step / length);
  Batch batch{at::empty({sequences, length + 1}, at::kLong), at::empty({sequences, length})};
  for (std::int64_t s = 0; s < sequences; ++s) {
    const auto index = static_cast<std::uint64_t>(step) << 20 | static_cast<std::uint64_t>(s);
    const Sequence drawn = sequence(now, index);
    std::copy(drawn.ids.begin(), drawn.ids.end(),
              batch.ids.data_ptr<std::int64_t>() + s * (length + 1));
    std::copy(drawn.weights.begin() + 1, drawn.weights.end(),
              batch.weights.data_ptr<float>() + s * length);
  }
  return batch;
}

SequenceSampler::Sequence SequenceSampler::sequence(const TrainingPhase& phase,
                                                    std::uint64_t index) const {
  const double kind = CounterRng(seed_, hash_stream("kind", index)).uniform();
  const double recall_or_repeat = phase.recall_share + phase.repeat_share;
  if (kind < phase.recall_share) return recall(phase.length + 1, index);
  if (kind < recall_or_repeat) return repeat(phase, index);
  if (kind < recall_or_repeat + phase.task_share) return task(phase.length + 1, index);
  return text(phase.length + 1, index);
}

SequenceSampler::Sequence SequenceSampler::text(std::int64_t length, std::uint64_t index) const {
  CounterRng rng(seed_, hash_stream("text", index));
  const auto count = static_cast<std::size_t>(length);
  const auto from =
      training_ids_.begin() + static_cast<std::ptrdiff_t>(rng.below(training_ids_.size() - count));
  return {std::vector<std::int64_t>(from, from + length), std::vector<float>(count, 1.0f)};
}

// As many facts and questions as fit for short sequences; long ones keep room for text.
SequenceSampler::Sequence SequenceSampler::recall(std::int64_t length, std::uint64_t index) const {
  CounterRng rng(seed_, hash_stream("recall shape", index));
  RecallSpec spec;
  spec.length_tokens = length;
  spec.is_terse = length <= kDenseLength && rng.below(2) == 0;
  const std::int64_t sentence = recall_.longest_sentence(spec.is_terse);
  const std::int64_t fitting = length / sentence;
  const std::int64_t wanted = 15 + length / 24;
  const std::int64_t sentences = std::min(wanted, fitting);
  if (sentences < 2) return text(length, index);
  const std::uint64_t spread = length <= kDenseLength ? 7 : 12;
  spec.facts =
      std::min<std::int64_t>(sentences - 1, 2 + static_cast<std::int64_t>(rng.below(spread)));
  spec.questions = sentences - spec.facts;
  spec.order = rng.below(2) == 0 ? RecallOrder::kInterleaved : RecallOrder::kQuestionsLast;
  return weighted(recall_.make(spec, seed_, index));
}

// A shape that does not fit gives way to another, as long as there is hope.
SequenceSampler::Sequence SequenceSampler::task(std::int64_t length, std::uint64_t index) const {
  CounterRng rng(seed_, hash_stream("task shape", index));
  for (int attempt = 0; attempt < kTaskAttempts; ++attempt) {
    const TaskShape shape = task_shapes()[rng.below(task_shapes().size())];
    auto sample = tasks_->make({shape, length, rng.uniform() < kDenseTasks}, seed_, index);
    if (sample) return weighted(std::move(*sample));
  }
  return text(length, index);
}

template <typename Sample>
SequenceSampler::Sequence SequenceSampler::weighted(Sample sample) const {
  Sequence sequence{std::move(sample.ids), {}};
  const auto statement_weight = static_cast<float>(recipe_.statement_weight);
  for (const std::int64_t s : sample.statement) {
    sequence.weights.push_back(s == 1 ? statement_weight : 1.0f);
  }
  for (const auto& answer : sample.answers) {
    std::fill(sequence.weights.begin() + answer.first, sequence.weights.begin() + answer.last,
              static_cast<float>(recipe_.answer_weight));
  }
  return sequence;
}

// From some place on, a stretch comes again and again. Mostly it is random tokens, which can be
// foretold only by looking back.
SequenceSampler::Sequence SequenceSampler::repeat(const TrainingPhase& phase,
                                                  std::uint64_t index) const {
  Sequence sequence = text(phase.length + 1, index);
  CounterRng rng(seed_, hash_stream("repeat", index));
  const std::size_t count = sequence.ids.size();
  const std::size_t shortest = std::min<std::size_t>(8, count / 2);
  const std::size_t stretch = shortest + rng.below(count / 2 - shortest + 1);
  const std::size_t begin = rng.below(count - 2 * stretch + 1);
  const std::vector<std::int64_t> random = draw_stretch(phase, stretch, &rng);
  std::copy(random.begin(), random.end(),
            sequence.ids.begin() + static_cast<std::ptrdiff_t>(begin));
  // Neither random tokens nor where the first copy begins can be foretold: no loss for them.
  for (std::size_t i = 0; i < random.size(); ++i) sequence.weights[begin + i] = 0.0f;
  for (std::size_t i = begin + stretch; i < count; ++i) sequence.ids[i] = sequence.ids[i - stretch];
  sequence.weights[begin + stretch] = 0.0f;
  return sequence;
}

// Random tokens, or none where the text is to stay.
std::vector<std::int64_t> SequenceSampler::draw_stretch(const TrainingPhase& phase,
                                                        std::size_t count, CounterRng* rng) const {
  const auto all = static_cast<std::uint64_t>(vocabulary_size_);
  const std::uint64_t kind = rng->below(phase.is_ambiguous ? 4 : 3);
  if (kind == 0) return {};
  std::vector<std::int64_t> ids(count);
  if (!phase.is_ambiguous) {
    for (std::int64_t& id : ids) id = static_cast<std::int64_t>(rng->below(all));
    return ids;
  }
  std::vector<std::int64_t> alphabet(kind == 1 ? 2 * count : 3 + rng->below(14));
  for (std::int64_t& id : alphabet) id = static_cast<std::int64_t>(rng->below(all));
  for (std::int64_t& id : ids) id = alphabet[rng->below(alphabet.size())];
  return ids;
}

}  // namespace pressroom
