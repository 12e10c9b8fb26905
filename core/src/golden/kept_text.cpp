#include "golden/kept_text.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace pressroom {
namespace {

// The number that `text` begins with, which is taken off it.
std::optional<std::int64_t> take_position(std::string_view& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc() || number < 0 || number > kMostKeptPosition) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return number;
}

}  // namespace

std::string kept_text(const std::vector<std::int64_t>& positions) {
  std::string text;
  for (std::size_t i = 0; i < positions.size();) {
    std::size_t last = i;
    while (last + 1 < positions.size() && positions[last + 1] == positions[last] + 1) ++last;
    const bool is_range = last >= i + 2;
    if (!is_range) last = i;
    if (!text.empty()) text += ' ';
    text += std::to_string(positions[i]);
    if (is_range) text += '-' + std::to_string(positions[last]);
    i = last + 1;
  }
  return text;
}

std::optional<std::vector<std::int64_t>> positions_in(std::string_view text) {
  const std::string_view whole = text;
  std::vector<std::int64_t> positions;
  while (!text.empty()) {
    const std::optional<std::int64_t> first = take_position(text);
    if (!first) return std::nullopt;
    std::optional<std::int64_t> last = first;
    if (!text.empty() && text.front() == '-') {
      text.remove_prefix(1);
      last = take_position(text);
    }
    // Ascending, so that no text names more positions than there are.
    if (!last || (!positions.empty() && *first <= positions.back())) return std::nullopt;
    for (std::int64_t position = *first; position <= *last; ++position) {
      positions.push_back(position);
    }
    if (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  if (kept_text(positions) != whole) return std::nullopt;
  return positions;
}

}  // namespace pressroom
