#include "protocol/protocol.h"

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// The first multiple of `interval` above `tokens`.
std::int64_t next_multiple(std::int64_t tokens, std::int64_t interval) {
  return (tokens / interval + 1) * interval;
}

const char* to_string(Continuation continuation) {
  return continuation == Continuation::kGrow ? "grow" : "hold";
}

std::int64_t first_target_of(const Protocol& protocol) {
  return protocol.kind == ProtocolKind::kPrefill ? protocol.prefill_tokens + 1 : 1;
}

}  // namespace

const char* to_string(ProtocolKind kind) {
  switch (kind) {
    case ProtocolKind::kStream:
      return "stream";
    case ProtocolKind::kChunked:
      return "chunked";
    case ProtocolKind::kPrefill:
      return "prefill";
    case ProtocolKind::kQuestions:
      return "questions";
    case ProtocolKind::kWindow:
      return "window";
  }
  PRESSROOM_ASSERT(false);
  return "";
}

std::vector<std::pair<std::string, std::string>> Protocol::settings() const {
  std::vector<std::pair<std::string, std::string>> all = settings_of_kind();
  for (auto& setting : server.settings()) all.push_back(std::move(setting));
  return all;
}

Protocol Protocol::under(const ConstraintChoice& choice) const {
  Protocol protocol = *this;
  protocol.server = choice.over(server);
  protocol.counts_all_tokens = counts_all_tokens || server.keep_prompt;
  return protocol;
}

std::vector<std::pair<std::string, std::string>> Protocol::settings_of_kind() const {
  switch (kind) {
    case ProtocolKind::kStream:
      return {};
    case ProtocolKind::kChunked:
      return {{"chunk_size", std::to_string(chunk_size)}};
    case ProtocolKind::kPrefill:
      return {{"prefill_tokens", std::to_string(prefill_tokens)},
              {"continuation", to_string(continuation)}};
    case ProtocolKind::kQuestions:
      return {{"query", query == Query::kAfter ? "after" : "inside"},
              {"asked", asked == Asked::kIndependent ? "independent" : "turns"},
              {"continuation", to_string(continuation)}};
    case ProtocolKind::kWindow:
      return {{"window", std::to_string(window)}, {"stride", std::to_string(stride)}};
  }
  return {};
}

std::string Protocol::text() const {
  if (settings().empty()) return to_string(kind);
  std::string text = std::string("{kind: ") + to_string(kind);
  for (const auto& [name, value] : settings()) text += ", " + name + ": " + value;
  return text + "}";
}

std::int64_t Protocol::compressed_tokens(std::int64_t tokens) const {
  if (server.keep_prompt || counts_all_tokens) return tokens;
  return kind == ProtocolKind::kPrefill ? prefill_tokens : tokens;
}

std::int64_t Protocol::tokens_under_budget(std::int64_t tokens) const {
  const bool prompt_alone = kind == ProtocolKind::kPrefill && continuation == Continuation::kGrow;
  return prompt_alone ? prefill_tokens : tokens;
}

std::int64_t Protocol::least_tokens() const {
  if (kind == ProtocolKind::kQuestions) return 3;  // a context, a question and an answer
  return kind == ProtocolKind::kPrefill ? prefill_tokens + 2 : 2;
}

std::optional<Contradiction> contradiction_in(const Protocol& protocol) {
  const ServerConstraints& server = protocol.server;
  if (server.any() && protocol.kind == ProtocolKind::kWindow) {
    return Contradiction{server.settings().front().first,
                         {"nothing leaves the cache of a window", "", "another protocol",
                          protocol.text(), "leave out the constraint, or change the kind"}};
  }
  const bool evicts_behind_prompt =
      protocol.kind == ProtocolKind::kPrefill && protocol.continuation == Continuation::kHold;
  if (server.keep_prompt && !evicts_behind_prompt) {
    return Contradiction{"keep_prompt",
                         {"there is no prompt to keep behind which entries leave", "",
                          "kind prefill with continuation hold", protocol.text(),
                          "change the protocol, or leave out keep_prompt"}};
  }
  return std::nullopt;
}

std::int64_t budget_from_sparsity(std::int64_t context_tokens, double sparsity) {
  return static_cast<std::int64_t>(static_cast<double>(context_tokens) * (1.0 - sparsity));
}

Schedule schedule_of(const Protocol& protocol, const EvictionPlan& plan, std::int64_t tokens) {
  PRESSROOM_ASSERT(tokens >= protocol.least_tokens() && protocol.kind != ProtocolKind::kQuestions);
  const bool is_prefill = protocol.kind == ProtocolKind::kPrefill;
  std::int64_t width = 1;
  if (is_prefill) width = protocol.prefill_tokens;
  if (protocol.kind == ProtocolKind::kChunked) width = protocol.chunk_size;
  if (protocol.kind == ProtocolKind::kWindow) width = tokens;

  Schedule schedule;
  schedule.first_target = first_target_of(protocol);
  const bool is_evicting = evicts(plan) && protocol.kind != ProtocolKind::kWindow;
  for (std::int64_t begin = 0; begin < tokens;) {
    const std::int64_t end = std::min(begin + width, tokens);
    const bool is_prompt = is_prefill && begin == 0;
    const bool may_hold = !is_prefill || protocol.continuation == Continuation::kHold;
    const bool passes_multiple = end / plan.interval > begin / plan.interval;
    const bool is_event = is_prompt
                              ? plan.phases != Phases::kDecoding
                              : plan.phases != Phases::kPrefill && may_hold && passes_multiple;
    schedule.steps.push_back({begin, end, is_evicting && is_event});
    begin = end;
    // The prompt alone is fed as a block: what follows it stands for tokens that are decoded.
    if (is_prefill) width = 1;
  }
  if (is_prefill) schedule.blocks = 1;
  const bool in_blocks = (protocol.kind == ProtocolKind::kChunked && protocol.chunk_size > 1) ||
                         protocol.kind == ProtocolKind::kWindow;
  if (in_blocks) schedule.blocks = schedule.steps.size();
  return schedule;
}

bool eviction_is_seen(const Protocol& protocol, const EvictionPlan& plan,
                      std::int64_t budget_tokens, std::int64_t tokens) {
  if (!evicts(plan) || tokens < protocol.least_tokens()) return false;
  if (protocol.kind == ProtocolKind::kWindow) return false;
  // Token `end` of a step is the first to miss what leaves then, and predicts the one after it.
  const std::int64_t last = tokens - 2;
  const std::int64_t held = is_held_to_budget(plan) ? budget_tokens : 0;  // nothing leaves before
  if (held >= last) return false;
  if (protocol.has_prompt()) {
    // How long the contexts of questions are is known of documents alone: at most so long.
    const bool asks = protocol.kind == ProtocolKind::kQuestions;
    const std::int64_t prompt = asks ? last : protocol.prefill_tokens;
    const bool may_lose_it = plan.phases != Phases::kDecoding && !protocol.server.keep_prompt;
    if (may_lose_it && prompt > held) return true;
    const bool acts_later =
        plan.phases != Phases::kPrefill && protocol.continuation == Continuation::kHold;
    // The first event behind the prompt that finds more than is held to.
    return acts_later && next_multiple(std::max(prompt, held), plan.interval) <= last;
  }
  if (plan.phases == Phases::kPrefill) return false;
  // The first step that ends beyond `held`, or the first after it that passes a multiple.
  const std::int64_t width =
      protocol.kind == ProtocolKind::kChunked ? protocol.chunk_size : std::int64_t{1};
  const std::int64_t event = next_multiple(held / width * width, plan.interval);
  return (event + width - 1) / width * width <= last;
}

std::vector<ScoredWindow> windows_of(const Protocol& protocol, std::int64_t tokens) {
  std::vector<ScoredWindow> windows;
  std::int64_t scored = 1;  // the first token that has not been scored
  for (std::int64_t begin = 0; scored < tokens; begin += protocol.stride) {
    const std::int64_t end = std::min(begin + protocol.window, tokens);
    const std::int64_t first_target = std::max(scored, begin + 1);
    scored = end;
    if (first_target < end) windows.push_back({begin, end, first_target});
  }
  return windows;
}

std::vector<std::int64_t> targets_of(const Protocol& protocol, std::int64_t tokens) {
  PRESSROOM_ASSERT(protocol.kind != ProtocolKind::kQuestions);
  std::vector<ScoredWindow> stretches = {{0, tokens, first_target_of(protocol)}};
  if (protocol.kind == ProtocolKind::kWindow) stretches = windows_of(protocol, tokens);
  std::vector<std::int64_t> targets;
  for (const ScoredWindow& stretch : stretches) {
    for (std::int64_t i = stretch.first_target; i < stretch.end; ++i) targets.push_back(i);
  }
  return targets;
}

}  // namespace pressroom
