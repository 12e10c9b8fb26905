// Protocols: how a document's tokens are fed, when eviction may act, and which tokens are scored.
//
//   stream    one token at a time from an empty cache, eviction after every step; targets 1 .. N-1
//   chunked   `chunk_size` tokens at a time over the evicted cache, causal inside the chunk;
//             eviction after each chunk; targets 1 .. N-1. Chunks of 1 are stream, chunks of N are
//             dense.
//   prefill   the first `prefill_tokens` P in one block, one compression, then one token at a time;
//             targets P+1 .. N-1, the ones predicted from the compressed cache. With
//             `continuation: grow` the tokens fed later stay, with `hold` eviction acts on them,
//             too.
//   questions a context in one block, one compression; then the document's questions, each with its
//             answer, one token at a time. `asked: independent` gives every question the cache that
//             the compression left, and none sees another; with `turns` they follow one another,
//             answers in between. With `query: inside` the compression sees the question, too: each
//             has a compression of its own, of the context and all of the question but its last
//             token. Scored is what is predicted from a compressed cache.
//   window    `window` tokens from an empty cache, then `stride` tokens further the next ones; a
//             baseline in which nothing can be evicted. Every token but the first is scored in the
//             first window that predicts it (strides below the window); of windows that do not
//             overlap the first token of each is not scored.
//
// Whatever the protocol, the newest tokens are appended before attention, and a token's nll comes
// from the logits of the token before it. What a method's EvictionPlan implies is said below, too.
//
//   const Schedule schedule = schedule_of(protocol, plan, tokens);
//   for (const FeedStep& step : schedule.steps) feed(step.begin, step.end);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/method.h"
#include "protocol/server_constraints.h"

namespace pressroom {

enum class ProtocolKind { kStream, kChunked, kPrefill, kQuestions, kWindow };

// "stream", "chunked", "prefill", "questions", "window".
const char* to_string(ProtocolKind kind);

enum class Continuation { kGrow, kHold };

// What a method has seen when it compresses a context: the context alone, or the question, too.
enum class Query { kAfter, kInside };

// Whether a question follows the context alone, or the questions before it with their answers.
enum class Asked { kIndependent, kTurns };

struct Protocol {
  ProtocolKind kind = ProtocolKind::kStream;
  std::int64_t chunk_size = 0;                      // chunked
  std::int64_t prefill_tokens = 0;                  // prefill
  Continuation continuation = Continuation::kGrow;  // prefill, questions
  Query query = Query::kAfter;                      // questions
  Asked asked = Asked::kIndependent;
  std::int64_t window = 0;  // window
  std::int64_t stride = 0;
  ServerConstraints server;
  bool counts_all_tokens = false;  // of a method that is freed from keep_prompt

  // The settings of its kind and the constraints that hold, by name: {{"chunk_size", "16"}}.
  std::vector<std::pair<std::string, std::string>> settings() const;

  // The same, under what is said of one method. Where the protocol keeps the prompt, a sparsity is
  // of all tokens for every method, so that those which are freed from it have the same budgets.
  Protocol under(const ConstraintChoice& choice) const;

  // As inline YAML, which reads back as the same protocol: "stream", "{kind: chunked, chunk_size:
  // 16}". Names the protocol in every result.
  std::string text() const;

  // Whether a prompt is fed as one block and compressed.
  bool has_prompt() const {
    return kind == ProtocolKind::kPrefill || kind == ProtocolKind::kQuestions;
  }

  // Tokens that a sparsity is a fraction of: the prompt under prefill, else all of `tokens`. So
  // under questions, before the contexts of documents are known (RunSettings::sparsity), and where
  // the prompt is kept.
  std::int64_t compressed_tokens(std::int64_t tokens) const;
  // Of `tokens`, those that a budget is ever held against: the prompt alone where what follows it
  // stays.
  std::int64_t tokens_under_budget(std::int64_t tokens) const;

  // Fewest tokens of a document in which something is scored.
  std::int64_t least_tokens() const;

 private:
  std::vector<std::pair<std::string, std::string>> settings_of_kind() const;
};

// A constraint that means nothing under the rest of its protocol.
struct Contradiction {
  std::string key;  // of the constraint: "keep_prompt"
  Problem problem;  // without a place
};

// The first one in `protocol`; nothing where there is none.
std::optional<Contradiction> contradiction_in(const Protocol& protocol);

// Entries kept at `sparsity` of a context: int(context * (1 - sparsity)) in double precision, as
// the reference implementations compute it.
std::int64_t budget_from_sparsity(std::int64_t context_tokens, double sparsity);

// Tokens [begin, end) of a document, fed together.
struct FeedStep {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool evicts = false;  // an eviction event follows
};

// What a protocol means for one document. Steps cover its tokens in order.
struct Schedule {
  std::vector<FeedStep> steps;
  // Steps that are fed as blocks; those after them are single tokens.
  std::size_t blocks = 0;
  std::int64_t first_target = 1;  // this token and all later ones are scored

  bool is_token_by_token() const { return blocks == 0; }
};

// For a document of `tokens` tokens, at least protocol.least_tokens(); under `questions` there is
// one for each question, and none here (engine/question_branches.h). An event follows each step
// in which the count of tokens fed passes a multiple of plan.interval; the compression of a prefill
// always takes place. Of these events only those of plan.phases are left; all tokens of `stream`
// and `chunked` are decoded. `window` gives one window, a block without an event.
Schedule schedule_of(const Protocol& protocol, const EvictionPlan& plan, std::int64_t tokens);

// Whether a document of `tokens` tokens has a target that is predicted from a cache which has
// evicted: an entry leaves early enough to be missed. Where no budget says what stays, an event is
// taken for one at which something left. Takes no longer for a longer document.
bool eviction_is_seen(const Protocol& protocol, const EvictionPlan& plan,
                      std::int64_t budget_tokens, std::int64_t tokens);

// The windows of a document, [begin, end), and the first token each scores.
struct ScoredWindow {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t first_target = 0;
};
std::vector<ScoredWindow> windows_of(const Protocol& protocol, std::int64_t tokens);

// The tokens of a document of `tokens` tokens that are scored, ascending; not for `questions`.
std::vector<std::int64_t> targets_of(const Protocol& protocol, std::int64_t tokens);

// What an EvictionPlan implies: whether the method does anything to the cache.
inline bool evicts(const EvictionPlan& plan) {
  return plan.ranking != Ranking::kNone || plan.zeroes_channels;
}

// Whether a budget is the most that may stay.
inline bool is_held_to_budget(const EvictionPlan& plan) {
  return plan.ranking != Ranking::kNone && plan.scope != BudgetScope::kNone;
}

// Whether entries carry scores from birth.
inline bool asks_birth_scores(const EvictionPlan& plan) {
  return plan.ranking == Ranking::kBirthScore || plan.birth_scores;
}

// Whether a policy has a say in what leaves, or in what a key holds.
inline bool asks_policy(const EvictionPlan& plan) {
  return asks_birth_scores(plan) || plan.zeroes_channels || plan.ranking == Ranking::kScore ||
         plan.ranking == Ranking::kKeep;
}

// Whether a policy looks at one KV head at a time, so that each has a policy of its own.
inline bool is_by_head(const EvictionPlan& plan) {
  return !plan.couples_heads && plan.share == Share::kKvHead;
}

}  // namespace pressroom
