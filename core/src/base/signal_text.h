// Signals in words: "Segmentation fault (SIGSEGV)".
#pragma once

#include <string>

namespace pressroom {

// "signal 77" for one without a name.
std::string signal_text(int signal);

}  // namespace pressroom
