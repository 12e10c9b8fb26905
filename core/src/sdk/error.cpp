#include "pressroom/error.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "base/utf8.h"

namespace pressroom {
namespace {

std::string text_of_all(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.text();
  }
  return text;
}

// Parts of a message come out of files and libraries: whatever is in them, a message is text that
// can be printed and stored.
std::vector<Problem> printable(std::vector<Problem> problems) {
  for (Problem& problem : problems) {
    for (std::string* part :
         {&problem.what, &problem.where, &problem.expected, &problem.got, &problem.fix}) {
      *part = escaped(*part);
    }
  }
  return problems;
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitution});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string Problem::text() const {
  std::string text = where.empty() ? what : where + ": " + what;
  if (!expected.empty()) text += "\n  expected: " + expected;
  if (!got.empty()) text += "\n  got:      " + got;
  if (!fix.empty()) text += "\n  do:       " + fix;
  return text;
}

Error::Error(Problem problem) : Error(std::vector<Problem>{std::move(problem)}) {}

Error::Error(std::vector<Problem> problems)
    : std::runtime_error(text_of_all(printable(problems))),
      problems_(printable(std::move(problems))) {}

Error::~Error() = default;

std::string closest_match(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    // No nearer than by the letters that one has more.
    if (longer - std::min(word.size(), candidate.size()) >= best_distance) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

void assertion_failed(const char* condition, const char* file, int line) {
  throw std::logic_error(std::string("Pressroom bug: ") + condition + " does not hold at " + file +
                         ":" + std::to_string(line) + "; please report it");
}

}  // namespace pressroom
