#include "train/starter/held_out.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "train/starter/evaluate.h"

namespace pressroom {
namespace {

constexpr std::uint64_t kEvaluationSeed = 0x5eed;
constexpr std::size_t kCurveBytes = 40000;  // of the held-out text
constexpr std::int64_t kAllSamples = 250, kRecallSamples = 32, kTaskSamples = 16;
constexpr std::int64_t kShortestRecall = 128, kShortestTask = 256;  // tokens

}  // namespace

HeldOut::HeldOut(const StarterCorpus& corpus, const TrainStarterOptions& options)
    : corpus_(corpus), context_(options.context), recall_(*corpus.tokenizer, corpus.held_out_ids) {
  if (options.diet == Diet::kTasks) tasks_.emplace(*corpus.tokenizer, corpus.held_out_ids);
}

TrainEvaluation HeldOut::evaluate(const LlamaNet& net, Size size) const {
  const std::string_view text = corpus_.held_out;
  TrainEvaluation evaluation;
  evaluation.bits_per_byte = bits_per_byte(net, *corpus_.tokenizer,
                                           size == Size::kAll ? text : text.substr(0, kCurveBytes),
                                           {context_, std::max<std::int64_t>(1, context_ / 2)});
  add_recall(net, size, &evaluation);
  if (tasks_) add_tasks(net, size, &evaluation);
  return evaluation;
}

void HeldOut::add_recall(const LlamaNet& net, Size size, TrainEvaluation* evaluation) const {
  for (std::int64_t length = kShortestRecall; length <= context_; length *= 2) {
    const RecallSpec spec{length, 8, 4, RecallOrder::kQuestionsLast};
    const std::int64_t sentences = spec.facts + spec.questions;
    if (sentences * recall_.longest_sentence(spec.is_terse) > length) continue;
    evaluation->lengths.push_back(length);
    evaluation->recall.push_back(recall_accuracy(
        net, recall_, spec, size == Size::kAll ? kAllSamples : kRecallSamples, kEvaluationSeed));
  }
}

void HeldOut::add_tasks(const LlamaNet& net, Size size, TrainEvaluation* evaluation) const {
  for (const TaskShape shape : task_shapes()) {
    TaskScore score{task_name(shape), {}, {}};
    for (std::int64_t length = kShortestTask; length <= context_; length *= 2) {
      const std::optional<double> right =
          task_accuracy(net, *tasks_, {shape, length},
                        size == Size::kAll ? kAllSamples : kTaskSamples, kEvaluationSeed);
      if (!right) continue;
      score.lengths.push_back(length);
      score.right.push_back(*right);
    }
    if (!score.lengths.empty()) evaluation->tasks.push_back(std::move(score));
  }
}

}  // namespace pressroom
