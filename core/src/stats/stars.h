// Significance as the studies print it: *** p < .001, ** p < .01, * p < .05.
#pragma once

#include <optional>

namespace pressroom {

constexpr double kSignificanceLevel = 0.05;

// "" when `p` is absent (no test) or not below .05. Give it the adjusted p.
inline const char* stars(const std::optional<double>& p) {
  if (!p) return "";
  if (*p < 0.001) return "***";
  if (*p < 0.01) return "**";
  return *p < kSignificanceLevel ? "*" : "";
}

}  // namespace pressroom
