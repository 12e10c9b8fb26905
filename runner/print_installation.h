// What was installed, in words.
#pragma once

#include <string>

#include "install/install.h"

namespace pressroom {

// "repository lab, signed by key DE89AF18C6124BD7", "the file x.press.tar.zst, unsigned".
std::string provenance_words(const InstalledPlugin& plugin);

void print_installation(const Installation& done);

}  // namespace pressroom
