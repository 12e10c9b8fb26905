#include "stats/pairing.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "results/metric_names.h"
#include "stats/document_difference.h"
#include "stats/even_out.h"
#include "stats/metric_summary.h"

namespace pressroom {
namespace {

// Differences of one window, over the seeds that drew it.
struct Unit {
  long double sum = 0;  // of what is judged by
  long double nll = 0;
  int count = 0;
  std::int64_t targets = 0;
};

// Whether what is missing has only still to be run.
bool only_waits(const CellGroup& group) {
  return std::all_of(group.gaps.begin(), group.gaps.end(),
                     [](const Gap& gap) { return gap.reason == kNotRun; });
}

class Pairer {
 public:
  Pairer(const CellGroup& first, const CellGroup& second, const Measure& judge)
      : first_(first), second_(second), judge_(judge) {
    pairing_.same_nll = pairing_.kept_known = true;
  }

  void pair_cells(const CellResult& a, const CellResult& b) {
    std::map<std::string, const DocumentResult*> of_first;
    for (const DocumentResult& document : a.documents) {
      if (!of_first.emplace(document.id, &document).second) report_twice(first_, a, document);
    }
    std::map<std::string, const DocumentResult*> of_second;
    for (const DocumentResult& document : b.documents) {
      if (!of_second.emplace(document.id, &document).second) report_twice(second_, b, document);
      const auto found = of_first.find(document.id);
      if (found == of_first.end()) {
        lacks(first_, a, "document " + document.id + " is missing");
      } else {
        pair({&a, found->second}, {&b, &document});
      }
    }
    for (const auto& [id, document] : of_first) {
      if (of_second.count(id) == 0) lacks(second_, b, "document " + id + " is missing");
    }
  }

  void add_seed(const CellResult& a, const CellResult& b) {
    pairing_.first_ppl.push_back(PooledNll(a.documents).perplexity());
    pairing_.second_ppl.push_back(PooledNll(b.documents).perplexity());
  }

  Pairing finish() {
    for (const auto& [window, unit] : units_) {
      pairing_.units.push_back({static_cast<double>(unit.sum / unit.count), unit.targets});
      pairing_.nll.push_back(static_cast<double>(unit.nll / unit.count));
    }
    if (judge_.scale == Measure::Scale::kOwn) even_out(pairing_.units, largest_);
    // Both begin as true: with no document compared, evicted cells would pass for suspect.
    if (units_.empty()) pairing_.same_nll = pairing_.kept_known = false;
    return std::move(pairing_);
  }

 private:
  void pair(const DocumentOfCell& first, const DocumentOfCell& second) {
    const DocumentResult& a = *first.document;
    const DocumentResult& b = *second.document;
    const CellResult& cell = *second.cell;
    if (a.ids_sha256 != b.ids_sha256) {
      report("the token ids of a document are not those that " + first_.method + " was given", b,
             cell, a.ids_sha256, b.ids_sha256);
      return;
    }
    if (a.targets != b.targets) {
      report("the scored targets of a document are not those of " + first_.method, b, cell,
             described(a), described(b));
      return;
    }
    if (judge_ == Measure::kAnswers && a.answers != b.answers) {
      report("a document asks for other answers than " + first_.method + " was asked for", b, cell,
             std::to_string(a.answers) + " answers", std::to_string(b.answers));
      return;
    }
    // Exact, or nearly: the average of a constant over seeds then is that constant to the last bit,
    // and what is deterministic is seen to be.
    const long double difference =
        static_cast<long double>(b.mean_nll_nats()) - static_cast<long double>(a.mean_nll_nats());
    if (!std::isfinite(difference)) {
      const CellGroup& culprit = std::isfinite(a.mean_nll_nats()) ? second_ : first_;
      lacks(culprit, cell, "the nll of document " + b.id + " is not a finite number");
      return;
    }
    add(first, second, difference);
    pairing_.largest_nll = std::max(pairing_.largest_nll, std::abs(double(difference)));
    // Of the sums as they are stored: dividing may round two of them to one mean.
    if (a.sum_nll_nats != b.sum_nll_nats) pairing_.same_nll = false;
    if (a.kept_sha256.empty() || b.kept_sha256.empty()) pairing_.kept_known = false;
    if (a.kept_sha256 != b.kept_sha256) pairing_.kept_differs = true;
  }

  void add(const DocumentOfCell& first, const DocumentOfCell& second, long double nll) {
    const DocumentDifference difference = document_difference(judge_, first, second, nll);
    if (!difference.first_lacks.empty()) lacks(first_, *first.cell, difference.first_lacks);
    if (!difference.second_lacks.empty()) lacks(second_, *second.cell, difference.second_lacks);
    if (!difference.is_there) return;
    Unit& unit = units_[second.document->ids_sha256];
    unit.sum += difference.value;
    unit.nll += nll;
    unit.targets = difference.weight;
    ++unit.count;
    largest_ = std::max(largest_, difference.size);
  }

  static std::string described(const DocumentResult& document) {
    const Targets& targets = document.targets;
    if (targets.empty()) return "no targets";
    return std::to_string(targets.size()) + " targets, " + std::to_string(targets.front()) +
           " to " + std::to_string(targets.back());
  }

  void report(const std::string& what, const DocumentResult& document, const CellResult& cell,
              const std::string& expected, const std::string& got) {
    pairing_.problems.push_back(
        {what,
         second_.where() + ", seed " + std::to_string(cell.cell.seed) + ", document " + document.id,
         expected, got, "run both again from the same dataset, tokenizer and protocol"});
  }

  void report_twice(const CellGroup& group, const CellResult& cell,
                    const DocumentResult& document) {
    pairing_.problems.push_back(
        {"a document is in a cell twice",
         group.where() + ", seed " + std::to_string(cell.cell.seed) + ", document " + document.id,
         "", "", "give every document of the dataset its own id"});
  }

  void lacks(const CellGroup& group, const CellResult& cell, const std::string& what) {
    set_incomplete(group.name() + ", seed " + std::to_string(cell.cell.seed) + ": " + what);
  }
  void set_incomplete(const std::string& reason) {
    if (pairing_.incomplete.empty()) pairing_.incomplete = reason;
  }

  const CellGroup& first_;
  const CellGroup& second_;
  const Measure judge_;
  std::map<std::string, Unit> units_;  // by the SHA-256 of the window's token ids
  double largest_ = 0;                 // number of a document, of a metric
  Pairing pairing_;
};

}  // namespace

Pairing pair_documents(const CellGroup& first, const CellGroup& second, bool partial,
                       const Measure& judge) {
  for (const CellGroup* group : {&first, &second}) {
    if (group->complete() || (partial && only_waits(*group))) continue;
    Pairing pairing;
    pairing.incomplete = group->name() + ", " + group->why_incomplete();
    return pairing;
  }
  std::map<std::uint64_t, const CellResult*> of_second;
  for (const CellResult* cell : second.cells) of_second.emplace(cell->cell.seed, cell);
  Pairer pairer(first, second, judge);
  std::size_t paired = 0;
  for (const CellResult* cell : first.cells) {
    const auto found = of_second.find(cell->cell.seed);
    // Under `partial` only: complete groups have the same seeds.
    if (found == of_second.end()) continue;
    pairer.pair_cells(*cell, *found->second);
    pairer.add_seed(*cell, *found->second);
    ++paired;
  }
  Pairing pairing = pairer.finish();
  const std::size_t seeds = first.cells.size() + first.gaps.size();
  if (paired < seeds) {
    pairing.partial = std::to_string(paired) + " of " + std::to_string(seeds) + " seeds";
  }
  if (paired == 0 && pairing.incomplete.empty()) pairing.incomplete = kNotRun;
  return pairing;
}

std::vector<double> nll_signature(const CellGroup& group) {
  std::vector<double> signature;
  for (const CellResult* cell : group.cells) {
    std::map<std::string, double> by_id;
    for (const DocumentResult& document : cell->documents) {
      by_id.emplace(document.id, document.sum_nll_nats);
    }
    for (const auto& [id, sum] : by_id) signature.push_back(sum);
  }
  return signature;
}

bool counts_evictions(const CellGroup& group) {
  for (const CellResult* cell : group.cells) {
    const MetricValue* discarded = cell->metric(metric_names::kDiscarded);
    if (discarded != nullptr && discarded->value > 0) return true;
  }
  return false;
}

}  // namespace pressroom
