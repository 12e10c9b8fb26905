// Trains the starter model: the small Llama that comes with Pressroom, so that everything runs
// without a download.
//
//   TrainStarterOptions options;
//   options.texts = "texts/train";                       // from scripts/starter-text
//   options.held_out = "texts/held-out/persuasion.txt";
//   options.out = "runs/starter";
//   train_starter(options, [](const TrainProgress& p) { print(p); });
//
// `out` receives recipe.json, tokenizer.json, model.safetensors, config.json, training_log.jsonl
// and, while the run lasts, checkpoint.bin. A run that was killed goes on from its checkpoint and
// ends with the same weights, bit by bit, as one that was not. Weights depend on the texts, the
// options and the build of the linear algebra library, on nothing else; so does the log, its times
// apart. One run at a time writes to `out`, and none where there is a model, a vocabulary or a log
// that no run of the same options and texts has made.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pressroom {

enum class Diet {
  kText,  // text, recall and repetition, from short sequences to long ones
  kTasks  // the shapes of tasks.h besides: for a model that was trained by the first
};

struct TrainStarterOptions {
  std::filesystem::path texts;     // every *.txt below it, in the order of their names
  std::filesystem::path held_out;  // one text file; nothing is learned from it
  std::filesystem::path out;

  // A starter model whose weights and vocabulary the training begins with; empty: random weights, a
  // vocabulary learned from the texts. It may have fewer layers, see begin_from.h.
  std::filesystem::path begin_from;
  Diet diet = Diet::kText;

  std::int64_t steps = 4000;
  std::int64_t tokens_per_step = 4096;
  std::uint64_t seed = 1;
  int threads = 2;
  std::int64_t evaluate_every = 250;    // steps; also how often the model is exported
  std::int64_t checkpoint_every = 100;  // steps

  std::int64_t vocabulary_size = 2048;
  std::int64_t hidden_size = 192;
  std::int64_t intermediate_size = 512;
  std::int64_t layers = 4;
  std::int64_t heads = 6;
  std::int64_t kv_heads = 2;
  std::int64_t context = 1024;  // also the longest sequences trained on

  double matrix_rate = 0.02;  // learning rates, see training_step.h
  double adam_rate = 3e-3;
  double answer_weight = 5.0;  // see sequences.h

  std::int64_t stop_after = 0;  // stop with a checkpoint after this many steps; 0: at the end
  std::function<bool()> stop_requested;  // asked before each step; may be empty
};

// How many of a task's answers are right, see tasks.h.
struct TaskScore {
  std::string name;
  std::vector<std::int64_t> lengths;  // of samples, in tokens; those the shape fits into
  std::vector<double> right;          // share of answers, one a length
};

// What a line of training_log.jsonl says.
struct TrainEvaluation {
  double bits_per_byte = 0;           // of (the beginning of) the held-out text
  std::vector<std::int64_t> lengths;  // of recall samples, in tokens
  std::vector<double> recall;         // share of questions answered, one a length
  std::vector<TaskScore> tasks;       // empty with the diet of text
};

struct TrainProgress {
  std::int64_t step = 0;  // updates done, of `steps`
  std::int64_t steps = 0;
  std::int64_t tokens = 0;
  double seconds = 0;         // of training, earlier runs included, evaluation excluded
  double train_loss = 0;      // weighted nats per token, mean since the last evaluation
  bool is_evaluated = false;  // whether `evaluation` is filled in
  TrainEvaluation evaluation;
};

// Called in the caller's thread every 20 steps and after each evaluation.
using TrainProgressCallback = std::function<void(const TrainProgress&)>;

// Trains until done (or stop_after). When `stop_requested` says so, leaves a checkpoint and throws
// Interrupted (engine/run.h); an exception from the callback ends the run, which can then be
// taken up at its last checkpoint. Leaves libtorch and OpenBLAS at one thread a call in the
// caller's thread. Throws Error when texts are missing or too short, when `out` cannot be written,
// is taken away meanwhile or used by another run, or when it holds a checkpoint of other options.
void train_starter(const TrainStarterOptions& options, const TrainProgressCallback& progress);

}  // namespace pressroom
