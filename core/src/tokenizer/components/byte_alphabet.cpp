#include "tokenizer/components/byte_alphabet.h"

#include <array>

namespace pressroom {
namespace {

constexpr int kFirstStandIn = 0x100;
constexpr int kCodePoints = kFirstStandIn + 68;

bool stands_for_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

struct Alphabet {
  std::array<int, 256> code_of_byte;
  std::array<int, kCodePoints> byte_of_code;

  Alphabet() {
    byte_of_code.fill(-1);
    int stand_in = kFirstStandIn;
    for (int byte = 0; byte < 256; ++byte) {
      const int code = stands_for_itself(byte) ? byte : stand_in++;
      code_of_byte[byte] = code;
      byte_of_code[code] = byte;
    }
  }
};

const Alphabet& alphabet() {
  static const Alphabet kAlphabet;
  return kAlphabet;
}

}  // namespace

std::string spelling_of_byte(unsigned char byte) {
  const int code = alphabet().code_of_byte[byte];
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  return {static_cast<char>(0xC0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3F))};
}

std::optional<std::string> bytes_spelled_by(std::string_view token) {
  std::string bytes;
  for (std::size_t i = 0; i < token.size(); ++i) {
    int code = static_cast<unsigned char>(token[i]);
    if (code >= 0x80) {
      // The alphabet ends at U+0143: one or two bytes of UTF-8 a character.
      if (code < 0xC2 || code > 0xC5 || i + 1 == token.size()) return std::nullopt;
      const int second = static_cast<unsigned char>(token[++i]);
      if ((second & 0xC0) != 0x80) return std::nullopt;
      code = ((code & 0x1F) << 6) | (second & 0x3F);
    }
    if (code >= kCodePoints || alphabet().byte_of_code[code] < 0) return std::nullopt;
    bytes += static_cast<char>(alphabet().byte_of_code[code]);
  }
  return bytes;
}

}  // namespace pressroom
