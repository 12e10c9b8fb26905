#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "base/number_text.h"
#include "base/process_memory.h"
#include "base/strings.h"
#include "bench/read_bandwidth.h"
#include "engine/eviction/layer_state.h"
#include "engine/run.h"
#include "engine/sequence.h"
#include "generate/generation.h"
#include "generate/whole_characters.h"
#include "pressroom/error.h"
#include "saved_cache/saved_cache.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// The bytes of tokens on their way to the result and to whoever shows them.
class ShownText {
 public:
  ShownText(StopStrings stops, const GenerationControl& control, GenerationResult& result)
      : stops_(std::move(stops)), control_(control), result_(result) {}

  void add(const std::string& bytes) { show(stops_.push(characters_.push(bytes))); }

  void finish() {
    show(stops_.push(characters_.finish()));
    show(stops_.finish());
  }

  const std::string* found() const { return stops_.found(); }

 private:
  void show(const std::string& text) {
    if (text.empty()) return;
    result_.text += text;
    control_.on_text(text);
  }

  WholeCharacters characters_;
  StopStrings stops_;
  const GenerationControl& control_;
  GenerationResult& result_;
};

// Throws Error unless the text of a saved cache is the prompt, or what it begins with.
void check_prompt(const std::string& file, const std::vector<std::int64_t>& saved,
                  const std::vector<std::int64_t>& prompt) {
  const auto common = std::mismatch(saved.begin(), saved.end(), prompt.begin(), prompt.end()).first;
  if (common == saved.end()) return;
  throw Error({"the saved cache is of another text than the prompt", file,
               "a prompt that begins with its " +
                   counted(static_cast<std::int64_t>(saved.size()), "token", "tokens"),
               "the same for " + counted(common - saved.begin(), "token", "tokens"),
               "give the prompt that was saved, and more behind it if you like"});
}

void see(const Sequence& sequence, GenerationStats& stats) {
  stats.held = sequence.sizes();
  stats.peak_bytes = std::max(stats.peak_bytes, stats.held.bytes);
}

void count_heads(const Sequence& sequence, GenerationStats& stats) {
  stats.least_entries = stats.held.most_entries;
  for (const LayerState& layer : sequence.layers()) {
    for (const HeadCache& head : layer.heads()) {
      stats.least_entries = std::min(stats.least_entries, head.size());
      ++stats.heads;
    }
  }
}

Error out_of_memory(const GenerationResult& result) {
  const auto tokens = static_cast<std::int64_t>(result.ids.size());
  const double megabytes = static_cast<double>(result.stats.held.bytes) / kBytesPerMegabyte;
  return Error({"out of memory",
                tokens == 0 ? "while the model was loaded or the prompt read"
                            : "after " + counted(tokens, "token", "tokens"),
                "", tokens == 0 ? "" : "a cache of " + fixed(megabytes, 1) + " MB so far",
                "keep fewer entries (--budget), generate fewer tokens, shorten the prompt, hold "
                "weights in 16 bits (--dtype), or allow the process more"});
}

}  // namespace

bool Generation::ends_answer(std::int64_t id) const {
  const std::vector<std::int64_t>& ends = prompt_.end_ids;
  return !request_.ignore_end && std::find(ends.begin(), ends.end(), id) != ends.end();
}

// A model may have more rows than its tokenizer has tokens; such a one has no text.
std::string Generation::text_of(std::int64_t id) const {
  if (id >= tokenizer_->vocabulary_size()) return "";
  try {
    return tokenizer_->token_bytes(id);
  } catch (const Error&) {
    return "";  // a gap in the vocabulary
  }
}

const float* Generation::read_prompt(Sequence& sequence, const GenerationControl& control,
                                     GenerationStats& stats) const {
  const float* logits = nullptr;
  if (request_.load_cache.empty()) {
    logits = sequence.prefill(prompt_.ids);
  } else {
    load_sequence(sequence, *origin_, request_.load_cache);
    check_prompt(request_.load_cache, sequence.ids(), prompt_.ids);
    stats.loaded_tokens = static_cast<std::int64_t>(sequence.ids().size());
    logits = sequence.logits();
    for (auto i = sequence.ids().size(); i < prompt_.ids.size(); ++i) {
      if (control.stop_requested()) throw Interrupted();
      logits = sequence.feed(prompt_.ids[i]);
    }
  }
  return logits;
}

void Generation::generate(Sequence& sequence, const GenerationControl& control,
                          GenerationResult& result) const {
  GenerationStats& stats = result.stats;
  const std::int64_t vocabulary = description_.facts.vocabulary;
  Sampler sampler(request_.sampling, RandomKey(request_.seed).with("generate"));
  for (const std::int64_t id : prompt_.ids) sampler.saw(id);
  ShownText text(stops_, control, result);
  const auto take = [&](std::int64_t id) -> std::optional<EndReason> {
    sampler.saw(id);
    result.ids.push_back(id);
    control.on_token(id);
    if (ends_answer(id)) return EndReason::kEndToken;
    text.add(text_of(id));
    if (text.found() != nullptr) return EndReason::kStopString;
    if (static_cast<std::int64_t>(result.ids.size()) == most_tokens_) return EndReason::kTokens;
    if (control.stop_requested()) return EndReason::kInterrupted;
    return std::nullopt;
  };

  auto begin = Clock::now();
  const float* logits = read_prompt(sequence, control, stats);
  stats.prefill_seconds = seconds_since(begin);
  if (!request_.save_cache.empty()) save_sequence(sequence, *origin_, request_.save_cache);
  see(sequence, stats);
  std::int64_t id = sampler.next(logits, vocabulary);
  std::optional<EndReason> end;
  while (!(end = take(id))) {
    stats.cache_bytes_read += static_cast<double>(stats.held.bytes_of_next);
    begin = Clock::now();
    id = sampler.next(sequence.feed(id), vocabulary);
    stats.step_seconds.push_back(seconds_since(begin));
    see(sequence, stats);
  }
  result.end = *end;
  if (text.found() != nullptr) result.stop_string = *text.found();
  text.finish();
  count_heads(sequence, stats);
}

GenerationResult Generation::run(const GenerationControl& control) const {
  LoadOptions load;
  load.dtype = request_.dtype;
  load.device = request_.device;
  load.threads = terms_.settings.threads;
  load.progress = request_.load_progress;
  GenerationResult result;
  result.stats.prompt_tokens = static_cast<std::int64_t>(prompt_.ids.size());
  result.stats.threads = terms_.settings.threads;
  try {
    const std::unique_ptr<Model> model = Model::load(files_, load);
    result.stats.weight_bytes_per_token = model->weight_bytes_of_step();
    Sequence sequence(*model, *method_, terms_.settings, "prompt", terms_.context_tokens);
    generate(sequence, control, result);
  } catch (const std::exception& error) {
    if (tells_of_memory(error)) throw out_of_memory(result);
    throw;
  }
  if (request_.measure_bandwidth) {
    result.stats.read_bandwidth = measured_read_bandwidth(result.stats.threads);
  }
  return result;
}

}  // namespace pressroom
