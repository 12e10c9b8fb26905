#include "passphrase.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include "command.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "signing/secret_bytes.h"

namespace pressroom {
namespace {

// The terminal of this process, whatever its standard streams are.
class Terminal {
 public:
  Terminal() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
  ~Terminal() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool is_there() const { return descriptor_ >= 0; }

  // A line that is not shown while it is typed. Throws Interrupted, and not before the terminal
  // shows again what is typed, where the command watches signals and one asks it to stop.
  std::string ask(const std::string& question) const {
    say(question);
    termios before = {};
    ::tcgetattr(descriptor_, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(descriptor_, TCSAFLUSH, &silent);
    std::string line;
    char letter = 0;
    while (::read(descriptor_, &letter, 1) == 1 && letter != '\n') line += letter;
    ::tcsetattr(descriptor_, TCSAFLUSH, &before);
    say("\n");
    if (!stop_was_requested()) return line;
    wipe(line);
    throw Interrupted();
  }

 private:
  void say(const std::string& text) const {
    // A terminal that takes no question still gives an answer.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_, text.data(), text.size());
  }

  int descriptor_;
};

std::string first_line(const std::string& file) {
  std::string line;
  if (file == "-") {
    std::getline(std::cin, line);
    return line;
  }
  std::ifstream stream(file);  // a pipe, too: a shell's <(...)
  if (std::getline(stream, line)) return line;
  throw Error({"the passphrase cannot be read", file, "a file whose first line it is",
               std::strerror(errno), "check --passphrase-file; - is standard input"});
}

}  // namespace

std::string passphrase_for(const std::string& key_file, const std::string& file, bool is_new) {
  if (!file.empty()) return first_line(file);
  const Terminal terminal;
  if (!terminal.is_there()) {
    throw Error({"there is no terminal to ask for the passphrase", key_file, "", "",
                 "give it by --passphrase-file FILE, or - for standard input"});
  }
  std::string passphrase = terminal.ask("passphrase of " + key_file + ": ");
  if (!is_new) return passphrase;
  std::string again = terminal.ask("once more: ");
  const bool is_same = passphrase == again;
  wipe(again);
  if (is_same) return passphrase;
  wipe(passphrase);
  throw Error({"the two passphrases differ", key_file, "", "", "give the command again"});
}

}  // namespace pressroom
