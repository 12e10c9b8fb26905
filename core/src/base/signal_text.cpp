#include "base/signal_text.h"

#include <cstring>

namespace pressroom {

std::string signal_text(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  const char* const words = ::sigdescr_np(signal);
  if (name == nullptr || words == nullptr) return "signal " + std::to_string(signal);
  return std::string(words) + " (SIG" + name + ")";
}

}  // namespace pressroom
