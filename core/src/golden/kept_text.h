// Positions in few letters, as golden.json holds what a KV head kept.
//
//   kept_text({0, 1, 2, 3, 17, 250, 251}) == "0-3 17 250 251"
//   positions_in("0-3 17") == std::vector<std::int64_t>{0, 1, 2, 3, 17}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

inline constexpr std::int64_t kMostKeptPosition = 4095;  // what a text of strangers may name

// `positions` are ascending. Three and more in a row are a range.
std::string kept_text(const std::vector<std::int64_t>& positions);

// The inverse. Nothing for any other text than kept_text would give, and for positions above
// kMostKeptPosition: one head has one text.
std::optional<std::vector<std::int64_t>> positions_in(std::string_view text);

}  // namespace pressroom
