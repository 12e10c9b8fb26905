#include "generate/generation.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "admission/bind_method.h"
#include "base/output_file.h"
#include "base/strings.h"
#include "campaign/plan.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {
namespace {

StopStrings stops_of(const GenerationRequest& request, const Prompt& prompt) {
  std::vector<std::string> stops = request.stops;
  if (!prompt.end_text.empty() && !request.ignore_end) stops.push_back(prompt.end_text);
  return StopStrings(std::move(stops));
}

// A setting of sampling that cannot be is refused before any file is looked at.
GenerationRequest checked(GenerationRequest request) {
  check_sampling(request.sampling);
  return request;
}

// What the plan's own phases leave of the ones that the user asked for.
Phases phases_for(const EvictionPlan& plan, EvictWhen when, const std::string& method) {
  if (when == EvictWhen::kBoth || !evicts(plan)) return plan.phases;
  const bool wants_prompt = when == EvictWhen::kPrompt;
  const Phases wanted = wants_prompt ? Phases::kPrefill : Phases::kDecoding;
  if (plan.phases == Phases::kAll || plan.phases == wanted) return wanted;
  throw Error({"the method never evicts where it is told to", method,
               wants_prompt ? "--evict after or both: it acts behind the prompt alone"
                            : "--evict prompt or both: it acts on the prompt alone",
               wants_prompt ? "--evict prompt" : "--evict after", ""});
}

}  // namespace

const char* to_string(EvictWhen when) {
  switch (when) {
    case EvictWhen::kPrompt:
      return "prompt";
    case EvictWhen::kAfter:
      return "after";
    case EvictWhen::kBoth:
      return "both";
  }
  return "";
}

EvictWhen parse_evict_when(const std::string& word) {
  for (const EvictWhen when : {EvictWhen::kPrompt, EvictWhen::kAfter, EvictWhen::kBoth}) {
    if (word == to_string(when)) return when;
  }
  throw Error(
      {"--evict cannot be understood", "", "prompt, after or both", word, "give one of the three"});
}

const char* to_string(EndReason reason) {
  switch (reason) {
    case EndReason::kEndToken:
      return "end_token";
    case EndReason::kStopString:
      return "stop_string";
    case EndReason::kTokens:
      return "tokens";
    case EndReason::kInterrupted:
      return "interrupted";
  }
  return "";
}

Generation::Generation(GenerationRequest request, PluginHost& host)
    : request_(checked(std::move(request))),
      files_(find_model(request_.model)),
      description_(read_description(files_)),
      tokenizer_(Tokenizer::load(files_.tokenizer)),
      prompt_(make_prompt(request_.prompt, files_, *tokenizer_)),
      stops_(stops_of(request_, prompt_)) {
  check_save_cache();
  count_tokens();
  plan(host);
}

Generation::~Generation() = default;

bool Generation::is_beyond_training() const {
  return terms_.context_tokens > description_.facts.max_positions;
}

// The token that is generated last is not fed.
void Generation::count_tokens() {
  const auto prompt = static_cast<std::int64_t>(prompt_.ids.size());
  std::int64_t room = description_.facts.max_positions;
  if (request_.beyond_positions) room = std::numeric_limits<std::int64_t>::max() / 2;
  if (description_.sliding_window > 0) room = std::min(room, description_.sliding_window);
  most_tokens_ = request_.most_tokens.value_or(
      std::max<std::int64_t>(1, std::min(kUsualTokens, room - prompt + 1)));
  if (prompt + most_tokens_ - 1 <= room) return;
  const std::string positions = "the model's " + counted(room, "position", "positions");
  const std::string can_be_allowed = room == description_.facts.max_positions
                                         ? ", or allow more by --beyond-positions: what a model "
                                           "says there, dense most of all, means little"
                                         : "";
  if (prompt > room) {
    throw Error({"the prompt is longer than the model can read", request_.model, positions,
                 counted(prompt, "token", "tokens"), "shorten it" + can_be_allowed});
  }
  throw Error({"prompt and answer together are longer than the model can read", request_.model,
               positions + ": --tokens " + std::to_string(room - prompt + 1) + " at most",
               counted(prompt, "token", "tokens") + " and --tokens " + std::to_string(most_tokens_),
               "generate fewer" + can_be_allowed});
}

void Generation::check_save_cache() const {
  if (request_.save_cache.empty()) return;
  std::vector<std::filesystem::path> inputs = files_.weights;
  inputs.insert(inputs.end(), {files_.config, files_.tokenizer, request_.prompt_file});
  check_output_file("the cache", request_.save_cache, inputs);
}

void Generation::plan(PluginHost& host) {
  const auto prompt = static_cast<std::int64_t>(prompt_.ids.size());
  method_ = make_configured_method(request_.method, host);
  refuse_constraints(request_.method, "generate");
  terms_ = terms_of(request_.method);
  terms_.context_tokens = prompt + most_tokens_ - 1;
  terms_.engine = Engine::kDecode;
  RunSettings& settings = terms_.settings;
  settings.protocol.kind = ProtocolKind::kPrefill;
  settings.protocol.prefill_tokens = prompt;
  settings.protocol.continuation =
      request_.evict == EvictWhen::kPrompt ? Continuation::kGrow : Continuation::kHold;
  settings.random = RandomKey(request_.seed);
  settings.threads = threads_or_all(request_.threads);
  settings.kv_dtype = request_.kv_dtype.value_or(settings.kv_dtype);
  settings.check_views = !is_installed(request_.method, host);
  plan_run(
      *method_, request_.positions ? request_.positions : request_.method.positions,
      [&] {
        return budget_as_asked(request_.budget_tokens, request_.sparsity, prompt,
                               request_.method.name);
      },
      terms_);
  settings.plan.phases = phases_for(settings.plan, request_.evict, request_.method.name);
  // A text within its budget is what dense says, and nothing to refuse: no number is drawn from it.
  const std::optional<Refusal> refusal = refusal_of(terms_);
  if (refusal && refusal->reason != Refusal::Reason::kRepeatsDense) throw Error(refusal->problems);
  bind_method(*method_, request_.method.name, files_, description_.facts);
  settings.reading = reconstruction_of(settings.plan, files_);
  check_limits(terms_, {description_.facts, request_.beyond_positions, "--beyond-positions"});
  if (!request_.load_cache.empty() || !request_.save_cache.empty()) {
    origin_ = origin_of(files_, request_.method, *method_, host);
  }
}

}  // namespace pressroom
