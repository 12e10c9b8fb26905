// Running documents through a method under a protocol (protocol/protocol.h), on one of two engines
// that give one answer.
//
// A single token attends to at most budget + interval entries (itself among them), a block to what
// the cache holds and, causally, to itself; after an eviction at most the budget stays. Every token
// is fed, the last one too, so that the kept positions are those after N tokens.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/cache/eviction_log.h"
#include "engine/reconstruction/reconstruction.h"
#include "model/model.h"
#include "pressroom/method.h"
#include "pressroom/metric.h"
#include "protocol/kv_dtype.h"
#include "protocol/protocol.h"

namespace pressroom {

class SequentialKernel;

// A question of a document with its answer, as indices of tokens: [begin, answer) asks, and
// [answer, end) is what has to be said.
struct QuestionTokens {
  std::int64_t begin = 0;
  std::int64_t answer = 0;
  std::int64_t end = 0;
};

struct TokenDocument {
  std::string id;  // names it in messages, and in the keys of its random numbers
  std::vector<std::int64_t> ids;
  // Targets, ascending, whose logits are kept in DocumentRun::wanted_logits.
  std::vector<std::int64_t> wanted_logits = {};
  // Under `questions`: one after the other, from the end of the context to the end of `ids`.
  std::vector<QuestionTokens> questions = {};
  // What policies are told of (PolicyContext::spans).
  std::vector<SpanTokens> spans = {};
  // Tokens of its own prompt, in place of the protocol's; 0: it has none.
  std::int64_t prompt_tokens = 0;
  // The prompt is that of the document before it, id, tokens and all, and nothing is evicted behind
  // it: engines need not feed it again. The run is the same if they do.
  bool same_prompt_as_previous = false;
};

struct RunSettings {
  Protocol protocol;
  EvictionPlan plan;
  std::int64_t budget_tokens = 0;
  // Under `questions`: each document's budget is so much less than its own context, and its plan
  // the method's for that; `plan` and `budget_tokens` are those of a context as long as a document
  // may be. Nothing: they hold for all documents.
  std::optional<double> sparsity = std::nullopt;
  Positions positions = Positions::kOriginal;
  KvDtype kv_dtype = KvDtype::kFloat32;  // how keys and values are held
  RandomKey random;                      // of the campaign seed
  ContextReconstruction reading;      // of the prompt, where plan.needs.reconstruction asks for one
  std::int64_t threads = 1;           // batches in flight
  std::string method = "the method";  // as messages about what it did call it
  // Look, in one layer of each document, whether policies leave what they are shown as it is.
  bool check_views = false;
  bool keep_hidden = false;         // fill DocumentRun::hidden
  bool keep_distributions = false;  // fill DocumentRun::distributions
  // What replay attends with (engine/attention/sequential_kernel.h); null: the fastest for the
  // model's device.
  const SequentialKernel* kernel = nullptr;
};

// The protocol of `settings`, with the document's own prompt where it has one.
Protocol protocol_for(const RunSettings& settings, const TokenDocument& document);

// Everything measured on one document.
struct DocumentRun {
  std::vector<std::int64_t> targets;              // scored tokens, ascending
  std::vector<double> nll_nats;                   // one per target
  std::vector<bool> is_top1;                      // one per target: largest of its logits
  std::vector<TargetDistribution> distributions;  // one per target; on request
  std::vector<std::vector<float>> wanted_logits;  // [V] of each of TokenDocument::wanted_logits
  std::vector<std::vector<std::vector<std::int64_t>>> kept;  // [layer][kv_head][...] positions
  // [layer][kv_head]; empty under `window`, where nothing leaves.
  std::vector<std::vector<EvictionLog>> evictions;
  std::vector<std::int64_t> tokens_per_step;  // fed at each step
  // Held after each step, all layers and heads; where memory is freed by the page
  // (ServerConstraints::append_only) entries that left a page which is held count, too.
  std::vector<std::int64_t> entries_per_step;
  std::int64_t peak_entries_per_head = 0;  // likewise
  // Under `questions`: tokens of the context, which is what a method compresses. 0: all.
  std::int64_t context_tokens = 0;
  // Of it, [layer][kv_head], entries held when the run ended: of several questions with caches of
  // their own the mean, rounded. Empty but under `questions`.
  std::vector<std::vector<std::int64_t>> context_kept;
  // Whether one cache served the whole document, so that `evictions` say when an entry left.
  // Several questions may have caches of their own: then they say when it had left all of these.
  bool is_one_cache = true;
  std::int64_t bytes_per_entry = 0;
  std::vector<float> last_logits;  // [V], after the last token
  at::Tensor hidden;  // [N,D] float32, what the output head reads for each token; on request
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

// Throws Error, naming the document, unless all its ids are in 0 .. vocabulary - 1 and there are
// enough of them for `protocol`.
void check_ids(const TokenDocument& document, std::int64_t vocabulary, const Protocol& protocol);

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

// Runs `documents` through `engine`. Under `questions` the invariants of each question are checked
// here (engine/run_questions.h). Throws Error when the method does something impossible,
// Interrupted when `control` asks to stop.
std::vector<DocumentRun> run_documents(Engine engine, const Model& model, const Method& method,
                                       const RunSettings& settings,
                                       const std::vector<TokenDocument>& documents,
                                       const RunControl& control);

// run_documents by replay, for every protocol but `window` and `questions`. Each document is run by
// itself, several at a time; step_seconds stays empty, as no step is run by itself.
std::vector<DocumentRun> replay_documents(const Model& model, const Method& method,
                                          const RunSettings& settings,
                                          const std::vector<TokenDocument>& documents,
                                          const RunControl& control);

// run_documents by decoding, for every protocol but `window` and `questions`. Documents go in
// batches of a fixed size, so results depend neither on the number of threads nor on the other
// documents; batches run in parallel.
std::vector<DocumentRun> decode_documents(const Model& model, const Method& method,
                                          const RunSettings& settings,
                                          const std::vector<TokenDocument>& documents,
                                          const RunControl& control);

}  // namespace pressroom
