// The stream protocol: documents are fed token by token from an empty cache, eviction acts after
// every step, and each token but the first is scored from what the cache then holds.
//
// A step attends to at most budget + 1 entries (the newest among them) and at most budget stay.
// All N - 1 targets of an N-token document are scored; the last token is fed too, so that the kept
// positions are those after N steps.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <vector>

#include "model/model.h"
#include "pressroom/method.h"

namespace pressroom {

struct TokenDocument {
  std::string id;  // names it in messages, and in the keys of its random numbers
  std::vector<std::int64_t> ids;
};

struct StreamSettings {
  EvictionPlan plan;
  std::int64_t budget_tokens = 0;
  Positions positions = Positions::kOriginal;
  RandomKey random;          // of the campaign seed
  std::int64_t threads = 1;  // batches in flight
};

// Everything measured on one document.
struct DocumentRun {
  std::vector<std::int64_t> targets;  // 1 .. N-1
  std::vector<double> nll_nats;       // one per target
  std::vector<bool> is_top1;          // one per target: largest of its logits
  std::vector<std::vector<std::vector<std::int64_t>>> kept;  // [layer][kv_head][...] positions
  std::vector<std::int64_t> entries_per_step;  // held after each of the N steps, all heads
  std::int64_t peak_entries_per_head = 0;
  std::int64_t bytes_per_entry = 0;
  std::vector<float> last_logits;  // [V], after the last token
  // Wall time of each step, shared by the documents of a batch; decode only.
  std::vector<double> step_seconds;
};

// How a caller watches and stops a run. Called from several threads.
struct RunControl {
  std::function<bool()> stop_requested = [] { return false; };
  std::function<void(std::int64_t tokens)> on_tokens = [](std::int64_t) {};
};

// Thrown out of a run whose caller asked it to stop.
class Interrupted : public std::exception {
 public:
  const char* what() const noexcept override { return "interrupted"; }
};

// Whether a document of `tokens` tokens is scored from a cache that evicted at least once: an
// eviction takes place early enough to be seen by the last target.
bool eviction_is_seen(const EvictionPlan& plan, std::int64_t budget_tokens, std::int64_t tokens);

// Throws Error, naming the document, unless it has at least 2 tokens, all in 0 .. vocabulary - 1.
void check_ids(const TokenDocument& document, std::int64_t vocabulary);

// Two engines, one answer: the same entries leave at the same steps, and nll agrees to rounding.
enum class Engine {
  // Layers outermost: what leaves a layer's cache depends on that layer alone, and the tokens are
  // known in advance, so a layer takes all of them at once. About the price of one forward pass.
  kReplay,
  // Tokens outermost, as a server does it. Measures latencies, and runs methods that couple layers.
  kDecode,
};

// "replay", "decode".
const char* to_string(Engine engine);

// What `asked` - auto, replay or decode - means for a method: auto replays what can be replayed.
// Throws Error when a method that couples layers was to be replayed.
Engine choose_engine(const std::string& asked, const EvictionPlan& plan, const std::string& method);

// Runs `documents` through `engine`. Throws Error when the method does something impossible,
// Interrupted when `control` asks to stop.
std::vector<DocumentRun> run_stream(Engine engine, const Model& model, const Method& method,
                                    const StreamSettings& settings,
                                    const std::vector<TokenDocument>& documents,
                                    const RunControl& control);

// run_stream by replay. Each document is run by itself, several at a time; step_seconds stays
// empty, as no step is run by itself.
std::vector<DocumentRun> replay_stream(const Model& model, const Method& method,
                                       const StreamSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control);

// run_stream by decoding. Documents go in batches of a fixed size, so results depend neither on the
// number of threads nor on the other documents; batches run in parallel.
std::vector<DocumentRun> decode_stream(const Model& model, const Method& method,
                                       const StreamSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control);

}  // namespace pressroom
