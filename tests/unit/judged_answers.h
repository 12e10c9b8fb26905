// What the tests share of the metrics that judge generated answers: each as the plugin it is, on
// answers made by hand.
//
//   expect_judged("f1", {}, {{"in Paris", {"Paris"}, 2.0 / 3}});
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/host.h"
#include "pressroom/plugin.h"
#include "test_folders.h"

namespace pressroom {

struct JudgedCase {
  std::string said;
  std::vector<std::string> references;
  double expected = 0;
};

inline AnswerText generated_answer(const std::string& said,
                                   const std::vector<std::string>& references,
                                   const std::vector<std::string>& options = {}) {
  AnswerText answer;
  answer.id = "0";
  answer.expected = references.empty() ? "" : references.front();
  answer.references = references;
  answer.options = options;
  answer.is_generated = true;
  answer.text = said;
  return answer;
}

inline std::unique_ptr<Metric> judging_metric(const std::string& name,
                                              const std::map<std::string, std::string>& settings) {
  static PluginHost host({plugin_dir()});
  std::unique_ptr<Metric> metric = host.make_metric(name);
  std::map<std::string, ParameterValue> values;
  for (const ParameterSpec& spec : metric->describe().parameters) {
    const auto given = settings.find(spec.name);
    values[spec.name] = spec.default_value;
    if (given != settings.end()) values[spec.name] = given->second;
  }
  metric->configure(Parameters(values));
  return metric;
}

// The values of a cell that has documents with these answers.
inline std::vector<MetricValue> judged_documents(
    const std::string& name, const std::map<std::string, std::string>& settings,
    const std::vector<std::vector<AnswerText>>& documents) {
  const std::unique_ptr<Metric> metric = judging_metric(name, settings);
  const std::unique_ptr<MetricCollector> collector = metric->make_collector();
  for (std::size_t i = 0; i < documents.size(); ++i) {
    DocumentMeasurements measured;
    measured.document_id = "document " + std::to_string(i);
    measured.answer_texts = documents[i];
    collector->observe(measured);
  }
  return collector->finish(CellMeasurements());
}

inline void expect_judged(const std::string& name,
                          const std::map<std::string, std::string>& settings,
                          const std::vector<JudgedCase>& cases,
                          const std::vector<std::string>& options = {}) {
  for (const JudgedCase& c : cases) {
    const AnswerText answer = generated_answer(c.said, c.references, options);
    const std::vector<MetricValue> values = judged_documents(name, settings, {{answer}});
    ASSERT_EQ(values.size(), 1U);
    EXPECT_NEAR(values[0].value, c.expected, 1e-12)
        << name << ": \"" << c.said << "\" for \"" << c.references.front() << '"';
  }
}

}  // namespace pressroom
