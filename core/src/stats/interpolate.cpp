#include "stats/interpolate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "base/number_text.h"
#include "pressroom/error.h"
#include "results/metric_names.h"
#include "stats/metric_summary.h"
#include "stats/t_tests.h"

namespace pressroom {
namespace {

std::vector<MetricValue> metrics_of(const std::vector<DocumentResult>& documents, double kept) {
  const PooledNll nll(documents);
  const char* pooled = "mean over all scored targets, interpolated";
  return {
      {metric_names::kPerplexity, nll.perplexity(), "1", Direction::kLowerIsBetter, pooled},
      {metric_names::kCrossEntropy, nll.mean(), "nats/token", Direction::kLowerIsBetter, pooled},
      {metric_names::kKeptRatio, kept, "1", Direction::kNeither, kInterpolatedAt}};
}

void report_difference(const CellResult& low, const CellResult& high, const std::string& document,
                       std::vector<Problem>& problems) {
  problems.push_back({"two runs of a method are not on the same windows",
                      low.cell.dataset + ", " + low.cell.file_stem() + " and " +
                          high.cell.file_stem() + ", document " + document,
                      "the same documents, token ids and targets", "",
                      "run both again from the same dataset, tokenizer and protocol"});
}

// Documents on the line from `low` (share 0) to `high` (share 1).
std::vector<DocumentResult> mix(const CellResult& low, const CellResult& high, double share,
                                std::vector<Problem>& problems) {
  std::map<std::string, const DocumentResult*> unmet;
  for (const DocumentResult& document : high.documents) unmet.emplace(document.id, &document);
  std::vector<DocumentResult> mixed;
  for (const DocumentResult& document : low.documents) {
    const auto found = unmet.find(document.id);
    if (found == unmet.end() || found->second->ids_sha256 != document.ids_sha256 ||
        found->second->targets != document.targets) {
      report_difference(low, high, document.id, problems);
      if (found != unmet.end()) unmet.erase(found);
      continue;
    }
    mixed.push_back(document);
    // No cache ever held the mixture: the hash of one run would pass for a measurement.
    mixed.back().kept_sha256.clear();
    // Of infinite sums it is NaN, and so is 0 x rise: hence the tests of `share`.
    const double rise = found->second->sum_nll_nats - document.sum_nll_nats;
    if (share > 0) mixed.back().sum_nll_nats += share * rise;
    if (share > 0) {
      mixed.back().right_answers += share * (found->second->right_answers - document.right_answers);
    }
    unmet.erase(found);
  }
  for (const auto& [id, document] : unmet) report_difference(low, high, id, problems);
  return mixed;
}

}  // namespace

KeptCurve::KeptCurve(const std::vector<const CellResult*>& cells) {
  for (const CellResult* cell : cells) {
    const MetricValue* measured = cell->metric(metric_names::kKeptRatio);
    if (cell->error.empty() && measured != nullptr) runs_.push_back({measured->value, cell});
  }
  std::stable_sort(runs_.begin(), runs_.end(),
                   [](const Run& a, const Run& b) { return a.kept < b.kept; });
}

double KeptCurve::least() const { return runs_.empty() ? 0 : runs_.front().kept; }

double KeptCurve::most() const { return runs_.empty() ? 0 : runs_.back().kept; }

bool KeptCurve::spans(double kept) const {
  return !runs_.empty() && least() <= kept && kept <= most();
}

CellResult KeptCurve::at(double kept, std::vector<Problem>& problems) const {
  PRESSROOM_ASSERT(spans(kept));
  const auto high =
      std::find_if(runs_.begin(), runs_.end(), [kept](const Run& run) { return run.kept >= kept; });
  // There is a run below: `kept` is spanned, and the first run at or above it is not at it.
  const auto low = high->kept == kept ? high : high - 1;
  const double share = low == high ? 0 : (kept - low->kept) / (high->kept - low->kept);
  CellResult cell;
  cell.cell = low->result->cell;
  cell.documents = mix(*low->result, *high->result, share, problems);
  cell.metrics = metrics_of(cell.documents, kept);
  return cell;
}

namespace {

using Cells = std::vector<const CellResult*>;

// All that was run on one dataset and context.
struct Place {
  std::string dataset;
  std::int64_t context_tokens = 0;
  std::vector<std::string> methods;      // in the order they first appear
  std::map<std::string, Cells> of;       // by method
  std::map<std::uint64_t, double> kept;  // what `to` kept, by seed
  double sparsity = 0;                   // and the sparsity that stands for all seeds

  std::string text() const { return dataset + ", context " + std::to_string(context_tokens); }
};

std::vector<Place> places_of(const std::vector<CellResult>& results) {
  std::vector<Place> places;
  std::map<std::pair<std::string, std::int64_t>, std::size_t> index;
  for (const CellResult& result : results) {
    const Cell& cell = result.cell;
    const auto [known, is_new] =
        index.emplace(std::make_pair(cell.dataset, cell.context_tokens), places.size());
    if (is_new) places.push_back({cell.dataset, cell.context_tokens, {}, {}, {}, 0});
    Place& place = places[known->second];
    Cells& of_method = place.of[cell.method];
    if (of_method.empty()) place.methods.push_back(cell.method);
    of_method.push_back(&result);
  }
  return places;
}

Cells with_seed(const Cells& cells, std::uint64_t seed) {
  Cells found;
  for (const CellResult* cell : cells) {
    if (cell->cell.seed == seed) found.push_back(cell);
  }
  return found;
}

const CellResult* first_failed(const Cells& cells) {
  for (const CellResult* cell : cells) {
    if (!cell->error.empty()) return cell;
  }
  return nullptr;
}

class Interpolator {
 public:
  Interpolator(const std::string& baseline, const std::string& to) : baseline_(baseline), to_(to) {}

  Interpolated run(std::vector<Place> places) {
    for (Place& place : places) {
      if (!measure(place)) continue;
      for (const CellResult* cell : place.of[baseline_]) {
        out_.results.push_back(*cell);
        out_.results.back().cell.by_budget = false;
      }
      for (const CellResult* cell : place.of[to_]) {
        out_.results.push_back(*cell);
        out_.results.back().cell.sparsity = place.sparsity;
        out_.results.back().cell.by_budget = false;  // told apart by what was measured
      }
      for (const std::string& method : place.methods) {
        if (method != baseline_ && method != to_) read_off(place, method);
      }
    }
    if (!problems_.empty()) throw Error(problems_);
    return std::move(out_);
  }

 private:
  // What `to` kept in this place. False, with a problem, when that has no one answer.
  bool measure(Place& place) {
    const Cells& cells = place.of[to_];
    if (cells.empty()) return report(place, to_ + " has no results here", "one a seed", "none");
    const double given = cells.front()->cell.sparsity;
    std::vector<double> kept;
    for (const CellResult* result : cells) {
      if (result->cell.sparsity != given) {
        return report(place, to_ + " was run at several sparsities", "one to compare others at",
                      exact(given) + " and " + exact(result->cell.sparsity));
      }
      if (!result->error.empty()) continue;
      const MetricValue* measured = result->metric(metric_names::kKeptRatio);
      if (measured == nullptr) {
        return report(place, to_ + " has no measured kept fraction", "the metric kept_ratio", "");
      }
      place.kept[result->cell.seed] = measured->value;
      kept.push_back(measured->value);
    }
    place.sparsity = kept.empty() ? given : std::round((1 - moments(kept).mean) * 1e4) / 1e4;
    return true;
  }

  void read_off(const Place& place, const std::string& method) {
    std::vector<CellResult> read;
    for (const CellResult* to : place.of.at(to_)) {
      const Cells cells = with_seed(place.of.at(method), to->cell.seed);
      if (cells.empty()) continue;  // a missing seed stays missing
      // What this seed is to be read off at is not known, so it is a gap here as well.
      if (!to->error.empty()) {
        read.push_back(failed(*cells.front(), to->error));
        continue;
      }
      const KeptCurve curve(cells);
      const double kept = place.kept.at(to->cell.seed);
      if (curve.spans(kept)) {
        read.push_back(curve.at(kept, problems_));
      } else if (const CellResult* failure = first_failed(cells)) {
        // The run that failed may be the one on the missing side: not a method out of reach.
        read.push_back(failed(*failure, failure->error));
      } else {
        // With it goes what was read for other seeds: means over some seeds are not comparable.
        out_.not_bracketed.push_back({method, place.dataset, place.context_tokens, to->cell.seed,
                                      kept, curve.least(), curve.most(), curve.runs()});
        return;
      }
    }
    for (CellResult& result : read) {
      result.cell.sparsity = place.sparsity;
      result.cell.by_budget = false;
      result.cell.budget_tokens =
          std::llround((1 - place.sparsity) * static_cast<double>(place.context_tokens));
      out_.results.push_back(std::move(result));
    }
  }

  static CellResult failed(const CellResult& like, const std::string& error) {
    CellResult result;
    result.cell = like.cell;
    result.error = error;
    return result;
  }

  bool report(const Place& place, const std::string& what, const std::string& expected,
              const std::string& got) {
    problems_.push_back({what, place.text(), expected, got,
                         "name a method that was run at one sparsity on every dataset and context, "
                         "with the metric cache"});
    return false;
  }

  const std::string& baseline_;
  const std::string& to_;
  Interpolated out_;
  std::vector<Problem> problems_;
};

}  // namespace

std::string NotBracketed::text() const {
  const std::string place = " (" + dataset + ", context " + std::to_string(context_tokens) +
                            ", seed " + std::to_string(seed) + ")";
  if (runs == 0) return method + " has no measured kept fraction" + place;
  const std::string range =
      runs == 1 ? "only " + fixed(least, 3) : fixed(least, 3) + " to " + fixed(most, 3);
  return method + " kept " + range + " of the entries, not " + fixed(asked, 3) + place;
}

Interpolated interpolated_at(const std::vector<CellResult>& results, const std::string& baseline,
                             const std::string& to) {
  if (to == baseline) {
    throw Error({"the baseline removes nothing that others could be compared at", to,
                 "a method that removes entries", "", "name the method with the threshold"});
  }
  return Interpolator(baseline, to).run(places_of(results));
}

}  // namespace pressroom
