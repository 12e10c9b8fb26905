// Public keys: what a signature is checked with, in minisign's format.
//
//   const PublicKey key = PublicKey::parse(text_of_file("lab.pub"), "lab.pub");
//   std::cout << key.line();     // RWTXSxLGGK+J3i4vBlKsaI7vSuTdLG1doGOIk57Vpm/fxIhCAt0aJ8td
//   std::cout << key_id_text(key.id);                                     // DE89AF18C6124BD7
//
// Whom a key belongs to is not in it: a key is as good as the way it came by.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace pressroom {

// Drawn when a key was made: a name and no proof, as anybody can make another key of the same id.
// Keys are compared by line().
using KeyId = std::array<unsigned char, 8>;

// 16 upper-case hex digits, the last byte first; minisign leaves out zeros in front.
std::string key_id_text(const KeyId& id);

struct PublicKey {
  KeyId id{};
  std::array<unsigned char, 32> key{};

  // From the two lines of a file, or the second alone. `where` is the text's name for messages.
  // Throws Error for everything else.
  static PublicKey parse(std::string_view text, const std::string& where);

  // The whole key in 56 characters: what to publish, compare and trust.
  std::string line() const;

  // The two lines of a file, each with its end.
  std::string text() const;
};

bool operator==(const PublicKey& one, const PublicKey& other);
bool operator!=(const PublicKey& one, const PublicKey& other);

}  // namespace pressroom
