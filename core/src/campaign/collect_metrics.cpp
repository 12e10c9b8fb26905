#include "campaign/collect_metrics.h"

#include <cmath>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

std::vector<MetricValue> collect(const AskedMeasurements& asked, std::size_t metric,
                                 const std::vector<DocumentMeasurements>& measured,
                                 const CellMeasurements& cell) {
  const std::unique_ptr<MetricCollector> collector =
      asked.metrics()[metric].metric->make_collector();
  if (collector == nullptr) {
    throw Error(  // of a plugin: what it returns is not to be relied on
        {"the metric makes no collector", "", "a collector", "null", "fix its make_collector()"});
  }
  const bool all = asked.asks_for_all(metric);
  for (std::size_t i = 0; i < measured.size(); ++i) {
    if (all) {
      collector->observe(measured[i]);
    } else {
      collector->observe(asked.shown(metric, i, measured[i]));
    }
  }
  return collector->finish(cell);
}

// Columns of files and tables have the name, and a config's `columns:` names it.
bool is_column_name(const std::string& name) {
  const char* allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name.empty() && name.find_first_not_of(allowed) == std::string::npos;
}

// Holds one value of a metric to its contract.
class ValueCheck {
 public:
  ValueCheck(const std::string& label, const MetricValue& value,
             const std::vector<DocumentMeasurements>& measured)
      : label_(label), value_(value), measured_(measured) {}

  void check() const {
    if (!is_column_name(value_.name)) {
      throw Error({label_ + " gives a value with a name that no column can have", "",
                   "letters, digits, _ . and -", '"' + value_.name + '"', "rename the value"});
    }
    check_number(value_.value, value_.name);
    check_documents();
    check_answers();
  }

 private:
  // Infinity is a result, as a perplexity can be infinite.
  void check_number(double number, const std::string& where) const {
    if (!std::isnan(number)) return;
    throw Error({label_ + " gives a value that is not a number", where, "a number, or infinity",
                 "nan",
                 "have finish() leave out what cannot be computed; a document that has no value "
                 "has std::nullopt"});
  }

  void check_count(std::size_t got, std::size_t expected, const char* what,
                   const std::string& where) const {
    if (got == expected) return;
    throw Error({label_ + " gives values of another number of " + what + "s than it was shown",
                 where, std::to_string(expected) + " values, one for each " + what,
                 std::to_string(got), std::string("give one for each ") + what + ", in order"});
  }

  std::string place(std::size_t document) const {
    return value_.name + ", document " + measured_[document].document_id;
  }

  void check_documents() const {
    if (value_.documents.empty()) return;
    check_count(value_.documents.size(), measured_.size(), "document", value_.name);
    for (std::size_t i = 0; i < measured_.size(); ++i) {
      if (value_.documents[i]) check_number(*value_.documents[i], place(i));
    }
  }

  void check_answers() const {
    if (value_.answers.empty()) return;
    check_count(value_.answers.size(), measured_.size(), "document", value_.name);
    for (std::size_t i = 0; i < measured_.size(); ++i) {
      check_count(value_.answers[i].size(), measured_[i].answers.size(), "answer", place(i));
      for (const double answer : value_.answers[i]) check_number(answer, place(i));
    }
  }

  const std::string& label_;
  const MetricValue& value_;
  const std::vector<DocumentMeasurements>& measured_;
};

}  // namespace

std::vector<MetricValue> collect_metrics(const AskedMeasurements& asked,
                                         const std::vector<DocumentMeasurements>& measured,
                                         const CellMeasurements& cell) {
  std::vector<MetricValue> all;
  std::map<std::string, std::string> given_by;  // name of a value: the metric's label
  for (std::size_t i = 0; i < asked.metrics().size(); ++i) {
    const std::string& label = asked.metrics()[i].label;
    std::vector<MetricValue> values =
        at_plugin_boundary(label, "collecting", asked.metrics()[i].file,
                           [&] { return collect(asked, i, measured, cell); });
    for (MetricValue& value : values) {
      ValueCheck(label, value, measured).check();
      // Tables find values by their names alone. Which names a metric gives is known only now.
      const auto [found, is_new] = given_by.try_emplace(value.name, label);
      if (!is_new) {
        throw Error({label + " gives a value of a name that is taken", value.name,
                     "names used once",
                     "a second value of this name, after that of " + found->second,
                     "rename the value, or leave one of the metrics out"});
      }
      all.push_back(std::move(value));
    }
  }
  return all;
}

}  // namespace pressroom
