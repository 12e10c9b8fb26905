#include "signing/secret_bytes.h"

#include <sodium.h>

#include "pressroom/error.h"
#include "signing/minisign_text.h"

namespace pressroom {

unsigned char* new_secret_memory(std::size_t size) {
  start_sodium();
  void* memory = sodium_malloc(size);
  if (memory != nullptr) return static_cast<unsigned char*>(memory);
  throw Error({"there is no memory for a secret", "", "a few pages that can be guarded", "none",
               "end other processes, or raise the limit of memory"});
}

void wipe_and_free(unsigned char* secret) { sodium_free(secret); }

void wipe(std::string& text) {
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace pressroom
