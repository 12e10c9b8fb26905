// SHA-256, the name that bytes have in every record Pressroom writes: plugins, models, token ids,
// resolved configs.
//
//   sha256_hex("abc");                       // "ba7816bf...f20015ad"
//   Sha256().update(a).update(b).hex();      // of a and b in a row
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace pressroom {

// A hash that grows piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();

  Sha256& update(std::string_view bytes);
  // 64 lower-case hex digits. Ends the hash: nothing may be added afterwards.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

// Whether `text` is spelled as a hash is here: 64 lower-case hex digits.
bool is_sha256(std::string_view text);

// Of a file's content, read in pieces. Throws Error when the file cannot be read to its end.
std::string sha256_file(const std::filesystem::path& file);

}  // namespace pressroom
