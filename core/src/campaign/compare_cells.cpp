#include "campaign/compare_cells.h"

#include <cmath>

#include "engine/cache/violations.h"

namespace pressroom {
namespace {

constexpr double kMostDifference = 1e-4;  // nats a target

bool keeps_everything(const CellResult& result) {
  return result.cell.budget_tokens >= result.cell.context_tokens;
}

void check_equal(const CellResult& a, const CellResult& b) {
  for (std::size_t i = 0; i < a.documents.size(); ++i) {
    const double difference =
        std::abs(a.documents[i].mean_nll_nats() - b.documents[i].mean_nll_nats());
    if (difference <= kMostDifference) continue;
    violated("I1 a budget of everything gives the dense nll",
             a.documents[i].id + ", against " + b.cell.file_stem(),
             "a mean nll within " + std::to_string(kMostDifference),
             "a difference of " + std::to_string(difference));
  }
}

}  // namespace

void check_against(const CellResult& result, const std::vector<CellResult>& others) {
  for (const CellResult& other : others) {
    if (other.documents.size() != result.documents.size()) continue;
    if (keeps_everything(result) && keeps_everything(other)) check_equal(result, other);
  }
}

}  // namespace pressroom
