#include "results/cell.h"

#include <charconv>

namespace pressroom {

std::string Cell::file_stem() const {
  char shortest[32];
  const auto end = std::to_chars(shortest, shortest + sizeof(shortest), sparsity).ptr;
  std::string sparsity_text(shortest, end);
  if (sparsity_text.find('.') == std::string::npos) sparsity_text += ".0";
  return method + "_s" + sparsity_text + "_ctx" + std::to_string(context_tokens) + "_seed" +
         std::to_string(seed);
}

const MetricValue* CellResult::metric(const std::string& name) const {
  for (const MetricValue& value : metrics) {
    if (value.name == name) return &value;
  }
  return nullptr;
}

}  // namespace pressroom
