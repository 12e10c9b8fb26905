// How much of something fits into so many tokens.
//
//   const auto tokens_of = [&](std::size_t lines) { return context.count_tokens(text(lines)); };
//   const std::optional<std::size_t> lines = most_that_fit(1, all, 1024, tokens_of);
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

namespace pressroom {

// The largest count of [least, most] of which `tokens_of(count)` is at most `limit_tokens`; nothing
// where `least` has more. Where tokens do not grow with every count: one that fits, while the next
// one does not. Asks for some twenty counts, most of them near the one returned.
std::optional<std::size_t> most_that_fit(
    std::size_t least, std::size_t most, std::int64_t limit_tokens,
    const std::function<std::int64_t(std::size_t count)>& tokens_of);

}  // namespace pressroom
