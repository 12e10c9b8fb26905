// A prompt and what a model says after it, over a cache that a method evicts from.
//
//   GenerationRequest request;
//   request.model = "starter";
//   request.prompt.text = "The cat sat";
//   request.method = h2o;
//   request.budget_tokens = 64;
//   const Generation generation(request, host);   // refuses what cannot be
//   GenerationControl control;
//   control.on_text = [](std::string_view text) { std::cout << text << std::flush; };
//   const GenerationResult result = generation.run(control);
//   result.stats.decode_tokens_per_second();
//
// The tokens are those of a Sequence (engine/sequence.h) that is fed the prompt in one block and
// then each token that a Sampler (generate/sampling.h) takes out of the logits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admission/admitted_run.h"
#include "config/config.h"
#include "generate/generation_stats.h"
#include "generate/prompt.h"
#include "generate/sampling.h"
#include "generate/stop_strings.h"
#include "model/model.h"
#include "saved_cache/origin.h"

namespace pressroom {

class Tokenizer;

// Which part of the text a method evicts from.
enum class EvictWhen {
  kPrompt,  // once, when the prompt has been read; what follows stays
  kAfter,   // what follows the prompt counts, and the whole cache is held to the budget then
  kBoth,
};

// "prompt", "after", "both"; throws Error, naming --evict, for another word.
EvictWhen parse_evict_when(const std::string& word);
const char* to_string(EvictWhen when);

struct GenerationRequest {
  std::string model;
  PromptText prompt;

  PluginUse method;
  // One of the two where the method takes a budget.
  std::optional<std::int64_t> budget_tokens;
  std::optional<double> sparsity;  // fraction removed of the prompt
  EvictWhen evict = EvictWhen::kBoth;
  std::optional<Positions> positions;

  SamplingSettings sampling;
  std::uint64_t seed = 0;          // of the draws, and of methods that draw
  std::vector<std::string> stops;  // the text ends before the first of them
  // Most tokens that are generated. Nothing: kUsualTokens, or as many as there are positions for.
  std::optional<std::int64_t> most_tokens;
  bool ignore_end = false;  // go on after a token that ends an answer

  std::int64_t threads = 0;  // 0: all cores
  WeightDtype dtype = WeightDtype::kFloat32;
  // How keys and values are held; nothing: as the method's use says, else float32.
  std::optional<KvDtype> kv_dtype;
  std::string device = "cpu";
  LoadProgress load_progress;
  std::string load_cache;   // a saved cache in which the prompt begins, or ""
  std::string save_cache;   // where the cache after the prompt goes, or ""
  std::string prompt_file;  // where the prompt came from, or "": no cache is saved over it

  bool beyond_positions = false;   // more positions than the model was made for are allowed
  bool measure_bandwidth = false;  // for the stats; takes a fifth of a second, at the end
};

inline constexpr std::int64_t kUsualTokens = 256;

enum class EndReason { kEndToken, kStopString, kTokens, kInterrupted };

// "end_token", "stop_string", "tokens", "interrupted".
const char* to_string(EndReason reason);

struct GenerationControl {
  // Asked between tokens, those of a prompt behind a saved cache included.
  std::function<bool()> stop_requested = [] { return false; };
  // Each token that was generated; and text as soon as it is sure: whole characters, and no part of
  // a stop string.
  std::function<void(std::int64_t id)> on_token = [](std::int64_t) {};
  std::function<void(std::string_view text)> on_text = [](std::string_view) {};
};

struct GenerationResult {
  std::vector<std::int64_t> ids;  // generated; the token that ended it is the last
  std::string text;               // up to the stop string or the token that ended it
  EndReason end = EndReason::kTokens;
  std::string stop_string;  // that was found
  GenerationStats stats;
};

class Generation {
 public:
  // `host` outlives this. Throws Error for a request that cannot be served: an empty prompt, a
  // template that is not known, a budget that does not hold what is protected, a prompt or a number
  // of tokens that the model has no positions for, a setting or a stop string that cannot be.
  Generation(GenerationRequest request, PluginHost& host);
  ~Generation();

  // Loads the model and generates. Throws Error for files that are torn, when the method does
  // something impossible, for a saved cache that was made from something else or of another text,
  // and where memory runs out: after what has been told to `control`. Throws Interrupted where that
  // asks to stop while tokens behind a saved cache are fed, of which there is no text yet.
  GenerationResult run(const GenerationControl& control) const;

  const Prompt& prompt() const { return prompt_; }
  const RunTerms& terms() const { return terms_; }
  const GenerationRequest& request() const { return request_; }
  // More positions are used than the model was made for, and that is allowed.
  bool is_beyond_training() const;

 private:
  void check_save_cache() const;
  void plan(PluginHost& host);
  void count_tokens();
  std::string text_of(std::int64_t id) const;
  bool ends_answer(std::int64_t id) const;
  // The logits after the prompt, which has been taken out of a saved cache as far as there is one.
  const float* read_prompt(Sequence& sequence, const GenerationControl& control,
                           GenerationStats& stats) const;
  void generate(Sequence& sequence, const GenerationControl& control,
                GenerationResult& result) const;

  GenerationRequest request_;
  ModelFiles files_;
  ModelDescription description_;
  std::unique_ptr<Tokenizer> tokenizer_;
  Prompt prompt_;
  StopStrings stops_;  // as they are before any text
  std::unique_ptr<Method> method_;
  std::int64_t most_tokens_ = 0;  // that are generated
  RunTerms terms_;
  std::optional<SavedSequenceOrigin> origin_;  // where a cache is saved or loaded
};

// The object that `pressroom generate --json` prints (docs/schemas/generation.schema.json).
nlohmann::ordered_json to_json(const Generation& generation, const GenerationResult& result);

}  // namespace pressroom
