#include "yaml/yaml_place.h"

#include <algorithm>
#include <tuple>

namespace pressroom {
namespace {

constexpr std::size_t kMostProblems = 100;

}  // namespace

std::string YamlPlace::text() const {
  if (source != 0 || line == 0) return origin;
  return origin + ':' + std::to_string(line) + ':' + std::to_string(column);
}

bool operator<(const YamlPlace& a, const YamlPlace& b) {
  return std::tie(a.source, a.line, a.column) < std::tie(b.source, b.line, b.column);
}

void ProblemList::add(const YamlPlace& place, std::string what, std::string expected,
                      std::string got, std::string fix) {
  if (problems_.size() == kMostProblems) {
    ++counted_;
    return;
  }
  Problem problem;
  problem.what = std::move(what);
  problem.where = place.text();
  problem.expected = std::move(expected);
  problem.got = std::move(got);
  problem.fix = std::move(fix);
  problems_.emplace_back(place, std::move(problem));
}

void ProblemList::throw_if_any() const {
  if (problems_.empty()) return;
  auto sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Problem> problems;
  for (auto& [place, problem] : sorted) problems.push_back(std::move(problem));
  if (counted_ > 0) {
    problems.push_back({std::to_string(counted_) + " more mistakes are not listed", "", "", "",
                        "fix these first, or check that the file is a campaign at all"});
  }
  throw Error(std::move(problems));
}

}  // namespace pressroom
