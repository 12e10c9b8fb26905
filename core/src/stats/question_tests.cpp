#include "stats/question_tests.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "stats/cell_groups.h"
#include "stats/significance.h"

namespace pressroom {
namespace {

// A window, by the SHA-256 of its token ids, and an answer of it.
using Question = std::pair<std::string, std::size_t>;
// Whether it was right, by seed.
using Answers = std::map<std::uint64_t, std::map<Question, bool>>;

// Adds the answers of a cell; false where they are not told of as right or wrong.
bool add_cell(const CellResult& cell, const std::string& name, Answers& answers) {
  const MetricValue* metric = cell.metric(name);
  if (metric == nullptr || metric->answers.size() != cell.documents.size()) return false;
  for (std::size_t i = 0; i < cell.documents.size(); ++i) {
    const std::vector<double>& told = metric->answers[i];
    for (std::size_t k = 0; k < told.size(); ++k) {
      if (told[k] != 0 && told[k] != 1) return false;
      answers[cell.cell.seed][{cell.documents[i].ids_sha256, k}] = told[k] == 1;
    }
  }
  return true;
}

// Nothing where one of the cells does not tell.
std::optional<Answers> answers_of(const CellGroup& group, const std::string& name) {
  Answers answers;
  for (const CellResult* cell : group.cells) {
    if (!add_cell(*cell, name, answers)) return std::nullopt;
  }
  return answers;
}

bool tells_of(const CellGroup& group, const std::string& metric) {
  return std::any_of(group.cells.begin(), group.cells.end(),
                     [&](const CellResult* cell) { return cell->metric(metric) != nullptr; });
}

}  // namespace

void QuestionTests::plan(double margin, std::size_t tests) {
  const double level = kSignificanceLevel / static_cast<double>(std::max<std::size_t>(1, tests));
  const double differing =
      static_cast<double>(first_only + second_only) / static_cast<double>(questions());
  questions_needed.reset();
  if (margin > 0) questions_needed = pressroom::questions_needed(differing, margin, level);
  least_difference = pressroom::least_difference(questions(), differing, level);
}

std::optional<QuestionTests> question_tests(const CellGroup& first, const CellGroup& second,
                                            const std::string& metric) {
  const std::optional<Answers> a = answers_of(first, metric);
  const std::optional<Answers> b = a ? answers_of(second, metric) : std::nullopt;
  if (!a || !b) return std::nullopt;
  QuestionTests tests;
  std::set<Question> met;
  for (const auto& [seed, of_first] : *a) {
    const auto of_second = b->find(seed);
    if (of_second == b->end()) continue;
    for (const auto& [question, first_right] : of_first) {
      const auto found = of_second->second.find(question);
      if (found == of_second->second.end() || !met.insert(question).second) continue;
      const bool second_right = found->second;
      ++(first_right ? (second_right ? tests.both_right : tests.first_only)
                     : (second_right ? tests.second_only : tests.neither_right));
    }
  }
  if (tests.questions() == 0) return std::nullopt;
  tests.p = mcnemar(tests.first_only, tests.second_only);
  return tests;
}

std::optional<Rate> rate_of(const CellGroup& group, const std::string& metric) {
  const std::optional<Answers> answers = answers_of(group, metric);
  if (!answers) return std::nullopt;
  std::map<Question, bool> once;
  // Ascending by seed: the first that drew a question stays.
  for (const auto& [seed, of_seed] : *answers) once.insert(of_seed.begin(), of_seed.end());
  if (once.empty()) return std::nullopt;
  const auto right =
      std::count_if(once.begin(), once.end(), [](const auto& question) { return question.second; });
  return rate(static_cast<std::size_t>(right), once.size());
}

RateSettings::RateSettings(const std::vector<CellGroup>& groups, const std::string& metric)
    : metric_(metric) {
  std::set<std::pair<std::string, std::int64_t>> others;
  for (const CellGroup& group : groups) {
    if (!tells_of(group, metric)) continue;
    const bool is_rate = rate_of(group, metric).has_value();
    (is_rate ? settings_ : others).insert({group.dataset, group.context_tokens});
  }
  for (const auto& setting : others) settings_.erase(setting);
}

bool RateSettings::has(const CellGroup& group) const {
  return settings_.count({group.dataset, group.context_tokens}) > 0 && tells_of(group, metric_);
}

}  // namespace pressroom
