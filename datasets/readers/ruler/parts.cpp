#include "parts.h"

#include <array>
#include <cstdio>

namespace pressroom::ruler {

std::string drawn_digits(RandomKey key, std::size_t digits) {
  std::string number(1, static_cast<char>('1' + draw(key.with(0), 9)));
  for (std::size_t i = 1; i < digits; ++i) {
    number += static_cast<char>('0' + draw(key.with(i), 10));
  }
  return number;
}

std::string drawn_uuid(RandomKey key) {
  const std::uint64_t high = key.with(0).bits();
  const std::uint64_t low = key.with(1).bits();
  const auto part = [](std::uint64_t bits, int from, std::uint64_t mask) {
    return static_cast<unsigned long long>((bits >> from) & mask);
  };
  std::array<char, 40> text{};
  // Version 4 in the third group, variant 1 in the fourth (RFC 4122, 4.4).
  std::snprintf(text.data(), text.size(), "%08llx-%04llx-4%03llx-%04llx-%012llx",
                part(high, 32, 0xffffffff), part(high, 16, 0xffff), part(high, 0, 0xfff),
                part(low, 48, 0x3fff) | 0x8000ULL, part(low, 0, 0xffffffffffffULL));
  return text.data();
}

std::string drawn_letters(RandomKey key, std::size_t letters, char first) {
  std::string text;
  for (std::size_t i = 0; i < letters; ++i) {
    text += static_cast<char>(first + static_cast<char>(draw(key.with(i), 26)));
  }
  return text;
}

std::string distinct(std::set<std::string>& taken, RandomKey key,
                     const std::function<std::string(RandomKey key)>& make) {
  for (std::int64_t attempt = 0;; ++attempt) {
    std::string drawn = make(key.with(attempt));
    if (taken.insert(drawn).second) return drawn;
  }
}

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

}  // namespace pressroom::ruler
