// The contract of a metric collector.
//
// The harness measures and a collector turns measurements into named values. It is told once of
// every document when that document has been run, and once of the cell when all have.
//
//   void observe(const DocumentMeasurements& document) override {
//     worst_.push_back(*std::max_element(document.nll_nats.begin(), document.nll_nats.end()));
//   }
//   std::vector<MetricValue> finish(const CellMeasurements&) override {
//     MetricValue worst = {"worst_nll", largest_of(worst_), "nats", Direction::kLowerIsBetter,
//                          "largest over all scored targets"};
//     worst.documents.assign(worst_.begin(), worst_.end());   // compared document by document
//     return {worst};
//   }
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/model_facts.h"
#include "pressroom/plugin_base.h"
#include "pressroom/spans.h"

namespace pressroom {

enum class Direction { kLowerIsBetter, kHigherIsBetter, kNeither };

// One result, with what is needed to read it. A cell whose metrics break what is said here fails,
// with an error that names the metric.
struct MetricValue {
  std::string name;  // "perplexity": letters, digits, _ . and -; no other of the cell has it
  double value = 0;  // of the whole cell; it may be infinite, and is never NaN
  std::string unit;  // "nats/token", "tokens/s", "bytes", "1" for a ratio
  Direction direction = Direction::kNeither;
  std::string aggregation;  // how it was pooled: "mean over targets", "peak over steps" ...
  // The same of each document alone, one for each in the order they were observed: what methods are
  // compared by. Empty: not told. std::nullopt: this document has none, as one that asks nothing
  // has no share of right answers. Never NaN.
  std::vector<std::optional<double>> documents = {};
  // Of each answer of each document, in the order of DocumentMeasurements::answers. Empty: not
  // told; else one vector for each document, with a value for each of its answers. Never NaN.
  std::vector<std::vector<double>> answers = {};
};

// The scored tokens of one answer of a task, as indices into `targets`.
struct AnswerTargets {
  std::int64_t begin = 0;
  std::int64_t end = 0;  // one past the last
};

// One answer in words: what it had to be, and what the model said. MeasurementNeeds::answer_texts.
struct AnswerText {
  std::string id;                       // of the question
  std::string question;                 // the text before the answer, without the context
  std::string expected;                 // the answer as it stands in the document
  std::vector<std::string> references;  // what rules look for; at least one
  std::vector<std::string> options;     // of a multiple choice; else empty
  // Whether every token of the expected answer is what greedy decoding gives: read off the forced
  // answer, or the generated text begins with these tokens. The two say the same.
  bool is_exact = false;
  // Whether `text` was generated. If not, the answer was only forced, and `text` is "".
  bool is_generated = false;
  std::string text;     // generated, greedily; ends before a stop string or token
  bool is_cut = false;  // ended by the limit of tokens
};

// The entries of one document over time. MeasurementNeeds::lifetimes.
struct EntryLifetimes {
  static constexpr std::int32_t kNeverLeaves = 2147483647;
  // [layer][kv_head][token]: the last token that saw the entry of `token`; kNeverLeaves: it is
  // still held after the last; under `questions` asked independently, for any of the questions.
  // Empty where several have caches of their own (`query: inside`, `continuation: hold`).
  std::vector<std::vector<std::vector<std::int32_t>>> last_seen_by;
  std::vector<SpanTokens> spans;  // of the document, in the reader's order
};

// The softmax that a target was predicted from, over the whole vocabulary.
struct TargetDistribution {
  std::int64_t rank = 0;          // of the target: 1 + tokens of a larger logit; 1 where is_top1
  double target_probability = 0;  // exp(-nll)
  double top_probability = 0;     // of the likeliest token
  double entropy_nats = 0;        // 0 .. ln(vocabulary)
};

// The logits that a target was predicted from.
struct TargetLogits {
  std::int64_t target = 0;    // an index into `targets`
  std::vector<float> logits;  // [vocabulary]
};

// A document that is about to be run, for a metric that chooses targets of it
// (Metric::wanted_logits). Members as in DocumentMeasurements.
struct DocumentTokens {
  std::string document_id;
  std::vector<std::int64_t> targets;
  std::vector<AnswerTargets> answers;
  std::vector<std::int64_t> token_ids;
  std::vector<std::string> token_texts;  // where MeasurementNeeds::tokens asks for them, else empty
};

// What was measured on one document. Vectors are borrowed for the call. What MeasurementNeeds names
// is empty for a metric that does not ask for it, whatever other metrics of the campaign ask for.
struct DocumentMeasurements {
  std::string document_id;
  std::vector<std::int64_t> targets;  // index of each scored token
  std::vector<double> nll_nats;       // one per target
  std::vector<bool> is_top1;          // one per target: no token had a larger logit
  // MeasurementNeeds::dense, the comparison with the dense run: one per target. `kl_nats` is
  // KL(dense || this run) of the distributions a target was predicted from, at least 0 but for
  // rounding; `is_dense_top1`: their likeliest tokens, lowest ids of equals, are the same.
  std::vector<double> kl_nats;
  std::vector<bool> is_dense_top1;
  std::vector<TargetDistribution> distributions;  // MeasurementNeeds::distribution: one per target
  std::vector<TargetLogits> logits;  // MeasurementNeeds::logits: of what was wanted, ascending
  // MeasurementNeeds::tokens: the document's tokens, all of them, so that token_ids[targets[i]] is
  // what target i had to be. Texts are bytes, which need not be UTF-8: two tokens may share a
  // character.
  std::vector<std::int64_t> token_ids;
  std::vector<std::string> token_texts;
  std::vector<AnswerTargets> answers;    // in order; empty where the dataset asks nothing
  std::vector<AnswerText> answer_texts;  // MeasurementNeeds::answer_texts: one for each answer
  EntryLifetimes lifetimes;              // MeasurementNeeds::lifetimes
  std::int64_t scored_bytes = 0;         // bytes of text the scored tokens stand for; 0: unknown
  std::int64_t scored_words = 0;         // white-space separated words among them; 0: unknown
  std::vector<std::int64_t> entries_per_step;  // entries held after each step, over layers, heads
  std::int64_t entries_seen = 0;               // entries ever created, over layers and heads
  std::int64_t peak_entries_per_head = 0;      // most entries one head held after a step
  std::vector<std::vector<std::int64_t>> kept_per_head;  // [layer][kv_head] at the end
  std::int64_t bytes_per_entry = 0;                      // key, value and statistics of one entry
  std::int64_t peak_kv_bytes = 0;                        // most bytes held after a step
  std::vector<double> step_seconds;  // wall time of each step of the batch it ran in
};

struct CellMeasurements {
  ModelFacts model;
  std::int64_t budget_tokens = 0;
  std::int64_t context_tokens = 0;
  std::int64_t tokens = 0;              // tokens fed, over all documents
  double seconds = 0;                   // wall time of feeding them, set-up not included
  std::int64_t weight_bytes = 0;        // parameters in memory
  std::int64_t process_peak_bytes = 0;  // peak resident size of the process so far
};

// Collects over one cell. Called from one thread.
class MetricCollector {
 public:
  virtual ~MetricCollector();
  virtual void observe(const DocumentMeasurements& document) = 0;
  // Values in the order they should be shown.
  virtual std::vector<MetricValue> finish(const CellMeasurements& cell) = 0;
};

// What a metric asks to be measured beyond what always is, as it costs time and memory.
struct MeasurementNeeds {
  // The comparison with the dense run: kl_nats, is_dense_top1. A run of dense for each group of
  // cells, and hidden states of document length x hidden size x 4 bytes for each document.
  bool dense = false;
  // Rank, probabilities and entropy of each target: a second pass over the logits that are there,
  // and 32 bytes a target.
  bool distribution = false;
  bool tokens = false;  // the ids of the document's tokens and their texts; some 50 bytes a token
  // Whole rows of logits, of the targets that Metric::wanted_logits names: vocabulary x 4 bytes for
  // each, all documents' until the cell is done. 100 targets of 16 documents and a vocabulary of
  // 150,000 are 1 GB.
  bool logits = false;
  bool answer_texts = false;  // the answers in words
  // Answers that are generated: a campaign whose answers are only forced is refused.
  bool generated_answers = false;
  bool lifetimes = false;  // when each entry left; 4 bytes for each token, layer and KV head
};

class Metric : public Plugin {
 public:
  ~Metric() override;
  // A fresh collector for one cell.
  virtual std::unique_ptr<MetricCollector> make_collector() const = 0;
  // Asked once, when a campaign is planned, after the metric was configured.
  virtual MeasurementNeeds needs() const;
  // Indices into `document.targets`, in any order, of the targets whose logits are wanted; none by
  // default. Asked once for each document of each cell, before it is run, and only where needs()
  // asks for logits.
  virtual std::vector<std::int64_t> wanted_logits(const DocumentTokens& document) const;
};

}  // namespace pressroom
