#include "signals.h"

#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <cstring>

#include "command.h"

namespace pressroom {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

volatile std::sig_atomic_t end_announced = 0;

void request_stop(int /*signal*/) { stop_requested = 1; }
void announce_end(int /*signal*/) { end_announced = 1; }

// Of a command that has not begun to write: there is nothing to be lost.
void end_interrupted(int /*signal*/) {
  // In a signal handler, so neither stdio nor exit() may be called.
  constexpr char kMessage[] = "warning: interrupted; run the same command again to finish\n";
  if (::write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1) < 0) ::_exit(kInterrupted);
  ::_exit(kInterrupted);
}

bool is_resumable(const char* command) {
  for (const char* name : {"run", "work", "reproduce", "train", "plugin", "repo", "pull"}) {
    if (std::strcmp(command, name) == 0) return true;
  }
  return false;
}

void handle_stops(void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  // A terminal that is closed asks to stop, too, but for commands that were begun to outlive it
  // (nohup).
  struct sigaction hangup = {};
  ::sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);
}

}  // namespace

void end_at_early_signals(int argc, char** argv) {
  if (argc < 2 || !is_resumable(argv[1])) return;
  handle_stops(end_interrupted, 0);
  std::signal(SIGUSR1, end_interrupted);
}

// Reset after the first: whoever asks twice does not want to wait for a token.
void watch_signals() { handle_stops(request_stop, static_cast<int>(SA_RESETHAND)); }

void watch_for_end() { std::signal(SIGUSR1, announce_end); }

bool stop_was_requested() { return stop_requested != 0; }
bool end_is_near() { return end_announced != 0; }

void set_up_signals() {
  // Whoever starts this may ignore the ends of its children, and then nobody could wait for ours.
  std::signal(SIGCHLD, SIG_DFL);
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace pressroom
