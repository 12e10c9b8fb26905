// What a training run says of its model at each evaluation: a line of training_log.jsonl.
//
//   HeldOut held_out(corpus, options);
//   TrainEvaluation evaluation = held_out.evaluate(net, HeldOut::Size::kPart);
#pragma once

#include <optional>

#include "train/starter/llama_net.h"
#include "train/starter/recall.h"
#include "train/starter/starter_corpus.h"
#include "train/starter/tasks.h"
#include "train/starter/train_starter.h"

namespace pressroom {

class HeldOut {
 public:
  enum class Size { kPart, kAll };  // the curve is drawn with a part; its last point uses all

  // `corpus` must outlive it. Throws Error when no keys can be made of the held-out text for tasks.
  HeldOut(const StarterCorpus& corpus, const TrainStarterOptions& options);

  // Samples have the same seed each time: the lines of a log are about the same questions.
  TrainEvaluation evaluate(const LlamaNet& net, Size size) const;

 private:
  void add_recall(const LlamaNet& net, Size size, TrainEvaluation* evaluation) const;
  void add_tasks(const LlamaNet& net, Size size, TrainEvaluation* evaluation) const;

  const StarterCorpus& corpus_;
  std::int64_t context_;
  RecallTask recall_;
  std::optional<TaskSamples> tasks_;  // with the diet of tasks
};

}  // namespace pressroom
