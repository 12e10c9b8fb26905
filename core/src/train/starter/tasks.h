// The shapes of RULER as training samples: a needle, one key of many, uuids for uuids, variables
// that are assigned to each other. What teaches the second starter model to read them.
//
//   TaskSamples tasks(*tokenizer, filler_ids);
//   TaskSample sample = tasks.make({TaskShape::kMultikey2, 512, false}, seed, index);
//   for (const TaskAnswer& a : sample.answers) ...  // sample.ids[a.first .. a.last): the answer
//
// A sample that is not dense has one question, as the benchmark has it; a dense one, for training,
// has other counts of keys and chains, and several questions about one haystack. Keys are made from
// words of the filler, which is also the prose that needles hide in. Every sample is a pure
// function of (filler, spec, seed, index).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"
#include "train/starter/task_draft.h"
#include "train/starter/task_words.h"

namespace pressroom {

struct TaskAnswer {
  std::int64_t first;  // index of the answer's first token
  std::int64_t last;   // one past its last token
};

struct TaskSample {
  std::vector<std::int64_t> ids;        // exactly length_tokens; prose behind the last answer
  std::vector<TaskAnswer> answers;      // one a question, in order
  std::vector<std::int64_t> statement;  // 1 for instructions, facts and questions, 0 for prose
};

class TaskSamples {
 public:
  // `filler_ids` is ordinary text, longer than any sample; it must outlive the samples. Throws
  // Error when no keys can be made of it.
  TaskSamples(const Tokenizer& tokenizer, const std::vector<std::int64_t>& filler_ids);

  // Nothing when the fixed parts of the shape, as they were drawn, do not fit into the length.
  std::optional<TaskSample> make(const TaskSpec& spec, std::uint64_t seed,
                                 std::uint64_t index) const;

 private:
  std::int64_t tokens(const std::string& text) const;
  TaskDraft draft(const TaskSpec& spec, TaskCounts most, CounterRng* rng) const;
  std::optional<MarkedText> fill(TaskDraft draft, std::int64_t length, CounterRng* rng) const;
  TaskSample cut_into_tokens(const MarkedText& text, std::int64_t length, CounterRng* rng) const;

  const Tokenizer& tokenizer_;
  const std::vector<std::int64_t>& filler_ids_;
  TaskWords words_;
};

}  // namespace pressroom
