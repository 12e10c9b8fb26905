// The passphrase of a secret key: from a file, or asked for on the terminal.
#pragma once

#include <string>

namespace pressroom {

// The first line of `file`, "-" for standard input; where `file` is "", what is typed on the
// terminal, which does not show it; typed twice where `is_new`. The caller wipes it (wipe() of
// signing/secret_bytes.h). Throws Error where there is neither, and where two differ; Interrupted
// where a command that watches signals is stopped while it asks.
std::string passphrase_for(const std::string& key_file, const std::string& file, bool is_new);

}  // namespace pressroom
