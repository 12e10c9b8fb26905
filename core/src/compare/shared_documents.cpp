#include "compare/shared_documents.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

namespace pressroom {
namespace {

// The items of documents that are shared; untouched where there is not one for each.
template <typename Item>
void keep_only(const std::vector<bool>& is_shared, std::vector<Item>& items) {
  if (items.size() != is_shared.size()) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (!is_shared[i]) continue;
    if (kept != i) items[kept] = std::move(items[i]);
    ++kept;
  }
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(kept), items.end());
}

void take_shared(const std::vector<bool>& is_shared, MetricValue& metric) {
  keep_only(is_shared, metric.answers);
  if (metric.documents.size() != is_shared.size()) return;
  keep_only(is_shared, metric.documents);
  long double sum = 0;
  std::size_t count = 0;
  for (const std::optional<double>& value : metric.documents) {
    if (!value) continue;
    sum += *value;
    ++count;
  }
  if (count == 0) return;
  metric.value = static_cast<double>(sum / static_cast<long double>(count));
  metric.aggregation = "mean over the documents shared";
}

}  // namespace

void keep_documents(const std::vector<bool>& is_shared, CellResult& result) {
  if (std::count(is_shared.begin(), is_shared.end(), false) == 0) return;
  for (MetricValue& metric : result.metrics) take_shared(is_shared, metric);
  keep_only(is_shared, result.documents);
}

}  // namespace pressroom
