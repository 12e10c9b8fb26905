// Bytes that nobody is to find later: not in swap space, in a core dump or in memory that is used
// again.
//
//   SecretBytes<64> seed;
//   derive(seed.data(), seed.size());
//   // wiped when it goes
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace pressroom {

// Memory of libsodium: locked as far as the system lets this process lock any, left out of core
// dumps, next to a page that cannot be touched. Throws Error when there is none.
unsigned char* new_secret_memory(std::size_t size);
void wipe_and_free(unsigned char* secret);

// Overwrites what a passphrase or the text of a secret key was read into, and empties it.
void wipe(std::string& text);

// What is in it at first is not zero. Moved, never copied; a moved one may only be destroyed or
// assigned to.
template <std::size_t kSize>
class SecretBytes {
 public:
  SecretBytes() : bytes_(new_secret_memory(kSize)) {}

  unsigned char* data() { return bytes_.get(); }
  const unsigned char* data() const { return bytes_.get(); }
  static constexpr std::size_t size() { return kSize; }

 private:
  struct Free {
    void operator()(unsigned char* bytes) const { wipe_and_free(bytes); }
  };

  std::unique_ptr<unsigned char, Free> bytes_;
};

}  // namespace pressroom
