#include "base/pulse.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string_view>

namespace pressroom {
namespace {

std::atomic<PulseBoard*> the_board{nullptr};
std::atomic<int> places_taken{0};
thread_local int my_place = -1;
std::atomic<bool> are_exits_to_be_noted{false};

std::int64_t now_ms() {
  timespec now = {};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000 + 1;  // never 0
}

template <std::size_t kSize>
void put(std::string_view text, std::array<char, kSize>& into) {
  const std::size_t length = std::min(text.size(), kSize - 1);
  std::memcpy(into.data(), text.data(), length);
  into[length] = '\0';
}

bool is_in_plugin(const PulseBoard& board) {
  return my_place >= 0 && my_place < static_cast<int>(PulseBoard::kPlaces) &&
         board.places[my_place].since_ms.load() != 0;
}

void end_at_exit(int code, void* /*nothing*/) {
  PulseBoard* const board = the_board.load();
  if (board == nullptr) return;
  board->crash.place = is_in_plugin(*board) ? my_place : -1;
  ::_exit(code);
}

// Of this thread: where its own stack has run over there is no room on it for a handler.
void give_handlers_a_stack() {
  constexpr std::size_t kBytes = std::size_t{64} << 10;
  stack_t stack = {};
  stack.ss_sp = std::malloc(kBytes);  // for as long as the thread lives, which is that of its pool
  stack.ss_size = kBytes;
  if (stack.ss_sp != nullptr) ::sigaltstack(&stack, nullptr);
}

// nullptr where there is no board, or there are more threads than it has places for.
PulsePlace* place_of_this_thread() {
  PulseBoard* const board = the_board.load(std::memory_order_relaxed);
  if (board == nullptr) return nullptr;
  if (my_place < 0) {
    my_place = places_taken++;
    give_handlers_a_stack();
  }
  return my_place < static_cast<int>(PulseBoard::kPlaces) ? &board->places[my_place] : nullptr;
}

}  // namespace

void attach_pulse(PulseBoard* board) { the_board = board; }

void beat(std::int64_t tokens) {
  PulseBoard* const board = the_board.load(std::memory_order_relaxed);
  if (board == nullptr) return;
  board->beats.fetch_add(1, std::memory_order_relaxed);
  board->tokens.fetch_add(tokens, std::memory_order_relaxed);
}

PluginCall::PluginCall(const char* doing, const std::string& document, std::int64_t layer,
                       std::int64_t kv_head)
    : place_(place_of_this_thread()) {
  if (place_ == nullptr) return;
  if (are_exits_to_be_noted.load(std::memory_order_relaxed) &&
      are_exits_to_be_noted.exchange(false)) {
    ::on_exit(end_at_exit, nullptr);
  }
  outer_since_ms_ = place_->since_ms.load(std::memory_order_relaxed);
  // Who is inside already keeps the place: the outer call is what the engine asked for.
  if (outer_since_ms_ != 0) return;
  put(doing, place_->doing);
  put(document, place_->document);
  place_->layer.store(layer, std::memory_order_relaxed);
  place_->kv_head.store(kv_head, std::memory_order_relaxed);
  place_->since_ms.store(now_ms(), std::memory_order_release);
}

PluginCall::~PluginCall() {
  if (place_ == nullptr) return;
  if (outer_since_ms_ == 0) place_->since_ms.store(0, std::memory_order_release);
  beat();
}

namespace {

// The file that `address` was mapped from, read from /proc/self/maps with calls that a signal
// handler may make. "" where it is none.
void find_file_of(std::uintptr_t address, std::array<char, 512>& file) {
  const int maps = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (maps < 0) return;
  // A line is "7f12a0000000-7f12a0021000 r-xp 00000000 08:01 1234   /path/to/file".
  std::array<char, 1024> line{};
  std::size_t length = 0;
  std::array<char, 4096> chunk{};
  bool is_found = false;
  for (ssize_t count = 0; !is_found && (count = ::read(maps, chunk.data(), chunk.size())) > 0;) {
    for (ssize_t i = 0; i < count && !is_found; ++i) {
      if (chunk[i] != '\n') {
        if (length < line.size() - 1) line[length++] = chunk[i];
        continue;
      }
      std::uintptr_t bounds[2] = {0, 0};
      std::size_t at = 0;
      for (std::uintptr_t& bound : bounds) {
        for (; at < length && line[at] != '-' && line[at] != ' '; ++at) {
          const char c = line[at];
          bound = bound * 16 + static_cast<std::uintptr_t>(c <= '9' ? c - '0' : c - 'a' + 10);
        }
        ++at;
      }
      is_found = address >= bounds[0] && address < bounds[1];
      if (is_found) {
        std::size_t begin = 0;
        while (begin < length && line[begin] != '/') ++begin;
        put(std::string_view(line.data() + begin, length - begin), file);
      }
      length = 0;
    }
  }
  ::close(maps);
}

std::uintptr_t address_of([[maybe_unused]] void* context) {
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return static_cast<std::uintptr_t>(static_cast<ucontext_t*>(context)->uc_mcontext.pc);
#else
  return 0;
#endif
}

// After it has returned the fault happens once more, or abort() raises its signal again, and the
// process dies as it would have.
void note_crash(int signal, siginfo_t* info, void* context) {
  // Threads that do the same crash together: the first is noted, and takes the others with it.
  static std::atomic_flag is_noting = ATOMIC_FLAG_INIT;
  while (is_noting.test_and_set()) ::pause();
  std::signal(signal, SIG_DFL);
  PulseBoard* const board = the_board.load();
  if (board == nullptr) return;
  find_file_of(address_of(context), board->crash.file);
  board->crash.place = is_in_plugin(*board) ? my_place : -1;
  board->crash.signal = signal;
  // Sent by kill() or raise(), it does not come again by itself.
  if (info->si_code <= 0 && signal != SIGABRT) ::raise(signal);
}

}  // namespace

void note_crashes() {
  give_handlers_a_stack();
  struct sigaction action = {};
  action.sa_sigaction = note_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    ::sigaction(signal, &action, nullptr);
  }
}

void note_exits() { are_exits_to_be_noted = true; }

std::string in_words(const PulsePlace& place) {
  if (place.since_ms == 0) return "";
  std::string text = std::string(place.doing.data());
  if (place.document[0] != '\0') text += " document " + std::string(place.document.data());
  if (place.layer >= 0) text += ", layer " + std::to_string(place.layer);
  if (place.kv_head >= 0) text += ", head " + std::to_string(place.kv_head);
  return text;
}

const PulsePlace* longest_in_plugin(const PulseBoard& board) {
  const PulsePlace* longest = nullptr;
  for (const PulsePlace& place : board.places) {
    if (place.since_ms == 0) continue;
    if (longest == nullptr || place.since_ms < longest->since_ms) longest = &place;
  }
  return longest;
}

}  // namespace pressroom
