#include "results/reproduction.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>

#include "results/metric_names.h"

namespace pressroom {
namespace {

// Metrics add up what rounding moves: words of several tokens, a likeliest token of some thousand.
constexpr double kMetricTolerance = 1e-3;

// One of anything not finite is as good as another of the same kind.
bool is_same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Collects what differs: most of all what no rounding explains.
class Differences {
 public:
  void different(const std::string& what) {
    if (found_.agreement == Agreement::kDifferent) {
      found_.what += "; " + what;
    } else {
      found_ = {Agreement::kDifferent, 0, what};
    }
  }

  // Two numbers that rounding may move by `scale` times `tolerance`.
  void number_differs(const std::string& name, double stored, double again, double scale,
                      double tolerance, const std::string& unit) {
    if (is_same(stored, again)) return;
    const double difference = std::abs(again - stored) / scale;
    const std::string what = name + " by " + difference_text(difference) + unit;
    if (!(difference <= tolerance)) return different(what);
    if (found_.agreement == Agreement::kDifferent || difference < found_.difference) return;
    found_ = {Agreement::kWithinRounding, difference, what};
  }

  const Reproduction& found() const { return found_; }

 private:
  Reproduction found_;
};

void compare_documents(const CellResult& stored, const CellResult& again,
                       Differences& differences) {
  if (stored.documents.size() != again.documents.size()) {
    return differences.different(std::to_string(again.documents.size()) + " documents instead of " +
                                 std::to_string(stored.documents.size()));
  }
  std::size_t other_texts = 0;
  std::size_t other_entries = 0;
  std::size_t other_answers = 0;
  std::size_t farthest = 0;
  double most_nats = -1;
  for (std::size_t i = 0; i < stored.documents.size(); ++i) {
    const DocumentResult& a = stored.documents[i];
    const DocumentResult& b = again.documents[i];
    other_texts += a.ids_sha256 != b.ids_sha256 || a.targets != b.targets;
    other_entries += a.kept_sha256 != b.kept_sha256;
    other_answers += !is_same(a.right_answers, b.right_answers);
    if (is_same(a.sum_nll_nats, b.sum_nll_nats)) continue;
    const double nats = std::abs(a.mean_nll_nats() - b.mean_nll_nats());
    if (nats <= most_nats) continue;
    most_nats = nats;
    farthest = i;
  }
  const auto in_documents = [&](const char* what, std::size_t count) {
    if (count == 0) return;
    differences.different(std::string(what) + " in " + std::to_string(count) + " of " +
                          std::to_string(stored.documents.size()) + " documents");
  };
  in_documents("other tokens are scored", other_texts);
  in_documents("other entries are kept", other_entries);
  in_documents("other answers are right", other_answers);
  if (most_nats < 0) return;
  differences.number_differs("nll", stored.documents[farthest].mean_nll_nats(),
                             again.documents[farthest].mean_nll_nats(), 1, kEngineTolerance,
                             " nats a token");
}

void compare_metrics(const CellResult& stored, const CellResult& again, Differences& differences) {
  for (const MetricValue& value : stored.metrics) {
    if (is_of_the_machine(value)) continue;
    const MetricValue* now = again.metric(value.name);
    if (now == nullptr) {
      differences.different("no value of " + value.name);
      continue;
    }
    const double scale = std::max(1.0, std::abs(value.value));
    differences.number_differs(value.name, value.value, now->value, scale, kMetricTolerance,
                               scale > 1 ? " of its value" : "");
  }
  for (const MetricValue& value : again.metrics) {
    if (is_of_the_machine(value)) continue;
    if (stored.metric(value.name) == nullptr) differences.different("a new value, " + value.name);
  }
}

}  // namespace

std::string Reproduction::text() const {
  switch (agreement) {
    case Agreement::kEqual:
      return "equal to the bit";
    case Agreement::kWithinRounding:
      return "equal within rounding: " + what;
    case Agreement::kDifferent:
      return "different: " + what;
  }
  return "";
}

std::string difference_text(double difference) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", difference);
  return text;
}

bool is_of_the_machine(const MetricValue& value) {
  if (value.name == metric_names::kProcessPeakBytes) return true;
  for (const char* unit : {"s", "ms", "us", "ns", "min", "h"}) {
    if (value.unit == unit) return true;
    const std::string rate = std::string("/") + unit;
    const std::size_t size = rate.size();
    const std::size_t all = value.unit.size();
    if (all >= size && value.unit.compare(all - size, size, rate) == 0) return true;
  }
  return false;
}

Reproduction compare_with_stored(const CellResult& stored, const CellResult& again) {
  Differences differences;
  if (stored.error.empty() != again.error.empty()) {
    differences.different(again.error.empty() ? "it failed before, and does not here"
                                              : "it fails here: " + first_line(again.error));
    return differences.found();
  }
  if (!stored.error.empty()) return {Agreement::kEqual, 0, ""};
  compare_documents(stored, again, differences);
  compare_metrics(stored, again, differences);
  return differences.found();
}

}  // namespace pressroom
