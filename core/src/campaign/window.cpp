#include "campaign/window.h"

#include "base/sha256.h"

namespace pressroom {
namespace {

std::int64_t count_words(const std::string& text) {
  std::int64_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    words += !space && !in_word ? 1 : 0;
    in_word = !space;
  }
  return words;
}

}  // namespace

void count_scored_text(const Tokenizer& tokenizer, Window& window) {
  std::string text;
  for (std::size_t i = 1; i < window.tokens.ids.size(); ++i) {
    text += tokenizer.token_bytes(window.tokens.ids[i]);
  }
  window.scored_bytes = static_cast<std::int64_t>(text.size());
  window.scored_words = count_words(text);
}

std::string token_ids_sha256(const std::vector<std::int64_t>& ids) {
  std::string bytes;
  bytes.reserve(ids.size() * 8);
  for (const std::int64_t id : ids) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes += static_cast<char>(static_cast<std::uint64_t>(id) >> shift);
    }
  }
  return sha256_hex(bytes);
}

}  // namespace pressroom
