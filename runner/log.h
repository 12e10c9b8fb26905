// Where warnings and errors go: standard error, with the level in front.
#pragma once

namespace pressroom {

// Makes spdlog's default logger. Every message is printed as escaped() has it (terminal_text.h):
// what files, plugins and libraries say is UTF-8 there and steers no terminal.
void set_up_log();

}  // namespace pressroom
