#include "train/starter/train_starter.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "campaign/directory.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "train/starter/begin_from.h"
#include "train/starter/checkpoint.h"
#include "train/starter/held_out.h"
#include "train/starter/llama_net.h"
#include "train/starter/sequences.h"
#include "train/starter/starter_corpus.h"
#include "train/starter/training_step.h"

namespace pressroom {
namespace {

constexpr std::int64_t kReportEvery = 20;

LlamaShape shape_of(const TrainStarterOptions& options, std::int64_t vocabulary_size) {
  LlamaShape shape;
  shape.hidden_size = options.hidden_size;
  shape.intermediate_size = options.intermediate_size;
  shape.layers = options.layers;
  shape.heads = options.heads;
  shape.kv_heads = options.kv_heads;
  shape.head_dim = options.hidden_size / options.heads;
  shape.vocabulary_size = vocabulary_size;
  shape.context = options.context;
  return shape;
}

DietRecipe diet_of(const TrainStarterOptions& options) {
  DietRecipe diet;
  diet.steps = options.steps;
  diet.tokens_per_step = options.tokens_per_step;
  diet.answer_weight = options.answer_weight;
  if (options.diet == Diet::kTasks) diet.phases = task_phases();
  for (TrainingPhase& phase : diet.phases) phase.length = std::min(phase.length, options.context);
  return diet;
}

OptimiserRecipe optimiser_of(const TrainStarterOptions& options) {
  OptimiserRecipe recipe;
  recipe.matrix_rate = options.matrix_rate;
  recipe.adam_rate = options.adam_rate;
  return recipe;
}

// A linear rise over the first hundredth of the steps, then a linear fall to almost nothing.
double rate_scale(std::int64_t step, std::int64_t steps) {
  const double rise = std::max(1.0, 0.01 * static_cast<double>(steps));
  const auto done = static_cast<double>(step) + 1.0;
  const double left = (static_cast<double>(steps) - done) / static_cast<double>(steps);
  return std::min(done / rise, 0.02 + 0.98 * left);
}

class StarterRun {
 public:
  StarterRun(const TrainStarterOptions& options, const TrainProgressCallback& progress,
             StarterTexts texts)
      : options_(options),
        progress_(progress),
        lock_(options.out),
        corpus_(load_starter_corpus(std::move(texts), options)),
        net_(shape_of(options, corpus_.tokenizer->vocabulary_size()), options.seed),
        gradient_(&net_, options.threads),
        optimiser_(&net_, optimiser_of(options), options.threads),
        sampler_(*corpus_.tokenizer, corpus_.training_ids, diet_of(options), options.seed),
        held_out_(corpus_, options),
        log_(options.out / "training_log.jsonl") {
    now_.steps = options.steps;
    if (!options.begin_from.empty()) begin_from(options.begin_from, &net_);
    resume();
  }

  void train() {
    const std::int64_t stop =
        options_.stop_after > 0 ? std::min(options_.stop_after, options_.steps) : options_.steps;
    while (now_.step < stop) {
      if (options_.stop_requested && options_.stop_requested()) {
        save();
        throw Interrupted();
      }
      update();
      const bool is_last = now_.step == options_.steps;
      if (now_.step % options_.evaluate_every == 0 || is_last) evaluate(is_last);
      if (now_.step % options_.checkpoint_every == 0 || now_.step == stop) save();
      if (now_.step % kReportEvery == 0 && progress_) progress_(now_);
    }
  }

 private:
  std::filesystem::path checkpoint_file() const { return options_.out / "checkpoint.bin"; }

  void resume() {
    const std::optional<Checkpoint> saved = load_checkpoint(checkpoint_file());
    const std::int64_t size = net_.parameters().numel();
    if (saved && (saved->recipe != corpus_.recipe || saved->parameters.numel() != size)) {
      throw Error({"the checkpoint belongs to other options, texts or another vocabulary",
                   checkpoint_file().string(), corpus_.recipe, saved->recipe,
                   "give the same again, or another output directory"});
    }
    if (saved) {
      const c10::NoGradGuard no_gradient;
      net_.parameters().copy_(saved->parameters);
      optimiser_.momentum().copy_(saved->momentum);
      optimiser_.second_moment().copy_(saved->second_moment);
      optimiser_.updates() = now_.step = saved->step;
      now_.seconds = saved->seconds;
      loss_sum_ = saved->loss_sum;
      loss_count_ = saved->loss_count;
      now_.tokens = now_.step * options_.tokens_per_step;
    }
    log_.keep_until(now_.step);
  }

  void update() {
    const auto begin = std::chrono::steady_clock::now();
    const Batch batch = sampler_.batch(now_.step);
    const double loss = gradient_.compute(batch);
    optimiser_.step(rate_scale(now_.step, options_.steps));
    loss_sum_ += loss;
    ++loss_count_;
    ++now_.step;
    now_.tokens += options_.tokens_per_step;
    now_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    now_.train_loss = loss_sum_ / static_cast<double>(loss_count_);
  }

  void evaluate(bool is_last) {
    now_.evaluation =
        held_out_.evaluate(net_, is_last ? HeldOut::Size::kAll : HeldOut::Size::kPart);
    lock_.check_place();
    export_model(net_, options_.out);
    now_.is_evaluated = true;
    log_.add(now_);
    if (progress_) progress_(now_);
    now_.is_evaluated = false;
    loss_sum_ = 0;
    loss_count_ = 0;
  }

  void save() {
    lock_.check_place();
    save_checkpoint(checkpoint_file(),
                    {now_.step, now_.seconds, loss_sum_, loss_count_, corpus_.recipe,
                     net_.parameters(), optimiser_.momentum(), optimiser_.second_moment()});
  }

  TrainStarterOptions options_;
  const TrainProgressCallback& progress_;
  // Before the corpus, which writes into the folder when it is made.
  DirectoryLock lock_;
  StarterCorpus corpus_;
  LlamaNet net_;
  ParallelGradient gradient_;
  Optimiser optimiser_;
  SequenceSampler sampler_;
  HeldOut held_out_;
  TrainingLog log_;
  TrainProgress now_;
  double loss_sum_ = 0;
  std::int64_t loss_count_ = 0;
};

}  // namespace

void train_starter(const TrainStarterOptions& options, const TrainProgressCallback& progress) {
  // Before the lock: what is wrong with the texts leaves no folder behind, and a folder that no
  // training has been in not even gets a lock. Another may be under way where there is one.
  StarterTexts texts = read_starter_texts(options);
  if (!std::filesystem::exists(options.out / ".lock")) {
    check_starter_folder(options, recipe_text(options, texts));
  }
  StarterRun(options, progress, std::move(texts)).train();
}

}  // namespace pressroom
