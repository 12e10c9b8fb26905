// The contract of a metric collector.
//
// The harness measures and a collector turns measurements into named values. It is told once of
// every document when that document has been run, and once of the cell when all have.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pressroom/model_facts.h"
#include "pressroom/plugin_base.h"

namespace pressroom {

enum class Direction { kLowerIsBetter, kHigherIsBetter, kNeither };

// One result, with what is needed to read it.
struct MetricValue {
  std::string name;  // e.g. "perplexity"
  double value = 0;
  std::string unit;  // "nats/token", "tokens/s", "bytes", "1" for a ratio
  Direction direction = Direction::kNeither;
  std::string aggregation;  // how it was pooled: "mean over targets", "peak over steps" ...
};

// The scored tokens of one answer of a task, as indices into `targets`.
struct AnswerTargets {
  std::int64_t begin = 0;
  std::int64_t end = 0;  // one past the last
};

// What was measured on one document. Vectors are borrowed for the call.
struct DocumentMeasurements {
  std::string document_id;
  std::vector<std::int64_t> targets;  // index of each scored token
  std::vector<double> nll_nats;       // one per target
  std::vector<bool> is_top1;          // one per target: no token had a larger logit
  // The comparison with the dense run (MeasurementNeeds): one per target, or none. `kl_nats` is
  // KL(dense || this run) of the distributions a target was predicted from, at least 0 but for
  // rounding; `is_dense_top1`: their likeliest tokens, lowest ids of equals, are the same.
  std::vector<double> kl_nats;
  std::vector<bool> is_dense_top1;
  std::vector<AnswerTargets> answers;  // in order; empty where the dataset asks nothing
  std::int64_t scored_bytes = 0;       // bytes of text the scored tokens stand for; 0: unknown
  std::int64_t scored_words = 0;       // white-space separated words among them; 0: unknown
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
  bool dense = false;  // the comparison with the dense run: kl_nats, is_dense_top1
};

class Metric : public Plugin {
 public:
  ~Metric() override;
  // A fresh collector for one cell.
  virtual std::unique_ptr<MetricCollector> make_collector() const = 0;
  // Asked once, when a campaign is planned, after the metric was configured.
  virtual MeasurementNeeds needs() const;
};

}  // namespace pressroom
