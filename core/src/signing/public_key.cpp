#include "signing/public_key.h"

#include <algorithm>
#include <vector>

#include "signing/minisign_text.h"

namespace pressroom {
namespace {

// "Ed", id, key.
using PackedPublicKey = std::array<unsigned char, kPublicKeyBytes>;

}  // namespace

std::string key_id_text(const KeyId& id) {
  std::string text;
  for (auto byte = id.rbegin(); byte != id.rend(); ++byte) {
    text += {"0123456789ABCDEF"[*byte >> 4], "0123456789ABCDEF"[*byte & 0xf]};
  }
  return text;
}

PublicKey PublicKey::parse(std::string_view text, const std::string& where) {
  const std::vector<std::string_view> lines = text_lines(text);
  const bool is_file =
      lines.size() == 2 && is_comment(lines[0], kUntrustedPrefix, kMostUntrustedBytes);
  PackedPublicKey packed;
  if ((!is_file && lines.size() != 1) ||
      !decode_base64(lines.back(), packed.data(), packed.size()) || packed[0] != 'E' ||
      packed[1] != 'd') {
    throw not_a("a public key", text, where);
  }
  PublicKey key;
  std::copy_n(packed.begin() + 2, key.id.size(), key.id.begin());
  std::copy_n(packed.begin() + 2 + key.id.size(), key.key.size(), key.key.begin());
  return key;
}

std::string PublicKey::line() const {
  PackedPublicKey packed = {'E', 'd'};
  std::copy(id.begin(), id.end(), packed.begin() + 2);
  std::copy(key.begin(), key.end(), packed.begin() + 2 + id.size());
  return encode_base64(packed.data(), packed.size());
}

std::string PublicKey::text() const {
  return std::string(kUntrustedPrefix) + "minisign public key " + key_id_text(id) + "\n" + line() +
         "\n";
}

bool operator==(const PublicKey& one, const PublicKey& other) {
  return one.id == other.id && one.key == other.key;
}

bool operator!=(const PublicKey& one, const PublicKey& other) { return !(one == other); }

}  // namespace pressroom
