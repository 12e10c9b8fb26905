#include "report/table/failures.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "results/cells_in_words.h"

namespace pressroom {
namespace {

struct Failure {
  std::string reason;               // without the place
  std::vector<std::string> places;  // each once, the first few
  std::vector<Cell> cells;
  std::string alone;  // the text where there is one cell
};

// "10146.txt@1024, layer 0" of the message of an Error, "" where there is no place. A place in a
// run names a window, "document@token", or a layer; what stands before a colon may be a part of
// what went wrong, too: "h2o failed while giving scores: ...".
std::string place_in(const std::string& reason) {
  const std::string line = reason.substr(0, reason.find('\n'));
  const std::size_t end = line.find(": ");
  if (end == std::string::npos) return "";
  std::string place = line.substr(0, end);
  const bool is_place = place.find('@') != std::string::npos || begins_with(place, "layer ");
  return is_place ? place : "";
}

Cell cell_of(const CellGroup& group, const Gap& gap) {
  Cell cell;
  cell.method = group.method;
  cell.sparsity = group.sparsity;
  cell.budget_tokens = group.budget_tokens;
  cell.dataset = group.dataset;
  cell.context_tokens = group.context_tokens;
  cell.seed = gap.seed;
  cell.by_budget = group.by_budget;
  return cell;
}

void add(const CellGroup& group, const Gap& gap, std::vector<Failure>& failures) {
  const std::string place = place_in(gap.reason);
  const std::string reason = gap.reason.substr(place.size());
  auto same = std::find_if(failures.begin(), failures.end(),
                           [&](const Failure& other) { return other.reason == reason; });
  if (same == failures.end()) {
    same = failures.insert(same, Failure());
    same->reason = reason;
    same->alone = group.where() + ", seed " + std::to_string(gap.seed) + ": " + gap.reason;
  }
  same->cells.push_back(cell_of(group, gap));
  std::vector<std::string>& places = same->places;
  const bool is_new = std::find(places.begin(), places.end(), place) == places.end();
  if (is_new && places.size() <= kMostListed) places.push_back(place);
}

}  // namespace

std::vector<std::string> failures_of(const std::vector<CellGroup>& groups, bool not_run) {
  std::vector<Failure> failures;
  for (const CellGroup& group : groups) {
    for (const Gap& gap : group.gaps) {
      if (not_run || gap.reason != kNotRun) add(group, gap, failures);
    }
  }
  std::vector<std::string> texts;
  texts.reserve(failures.size());
  for (Failure& failure : failures) {
    texts.push_back(failure.cells.size() == 1
                        ? std::move(failure.alone)
                        : cells_in_words(failure.cells) + ": " + first_few(failure.places, "; ") +
                              failure.reason);
  }
  return texts;
}

}  // namespace pressroom
