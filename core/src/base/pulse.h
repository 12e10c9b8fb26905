// Where this process is, for whoever supervises it from outside: a board in shared memory that says
// how many tokens were fed, and of each thread that is inside a plugin which document, layer and
// head it is there for. It is still readable when the process has died or no longer moves.
//
//   PulseBoard* board = ...;          // in memory that both processes see
//   attach_pulse(board);              // in the process that is watched, before its threads begin
//   {
//     const PluginCall call("scoring", document, layer, head);
//     policy.score(view);
//   }
//   in_words(board->places[0]);       // "scoring document 3@512, layer 2, head 1"
//
// A process without a board pays a comparison for each call.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace pressroom {

// Where one thread is. Written by that thread alone; who reads it meanwhile may see parts of two
// calls.
struct PulsePlace {
  std::atomic<std::int64_t> since_ms{0};  // monotonic; 0: the thread is in no plugin
  std::atomic<std::int64_t> layer{-1};    // -1: does not apply
  std::atomic<std::int64_t> kv_head{-1};
  std::array<char, 120> doing{};  // "scoring"
  std::array<char, 120> document{};
};

// What is known of a crash, written by the process itself before it died.
struct PulseCrash {
  std::atomic<int> signal{0};
  std::atomic<int> place{-1};    // of the thread that crashed; -1: one that no call is known of
  std::array<char, 512> file{};  // whose code crashed, as far as the memory map tells; "" unknown
};

// Lock-free atomics and characters, so that it works between processes.
struct PulseBoard {
  static constexpr std::size_t kPlaces = 64;

  std::atomic<std::uint64_t> beats{0};  // grows with every sign of progress
  std::atomic<std::int64_t> tokens{0};  // fed
  std::array<PulsePlace, kPlaces> places;
  PulseCrash crash;
};

// From now on this process writes to `board`, which outlives it; nullptr: to none.
void attach_pulse(PulseBoard* board);

// A sign of progress, `tokens` of them fed.
void beat(std::int64_t tokens = 0);

// Marks that this thread is inside a plugin for as long as the object lives. Of calls within a call
// the outermost is told; each is a sign of progress when it ends.
class PluginCall {
 public:
  // `doing` and `document` are copied, cut to what the board has room for.
  PluginCall(const char* doing, const std::string& document, std::int64_t layer = -1,
             std::int64_t kv_head = -1);
  ~PluginCall();
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

 private:
  PulsePlace* place_ = nullptr;
  std::int64_t outer_since_ms_ = 0;
};

// Has a crash of this process (SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT) noted on the board before
// the process dies of it. Call after attach_pulse, on the main thread.
void note_crashes();

// Has a call of exit() noted on the board, too, and the process ended at once: destructors of
// static objects would run beside threads that use them. Of several handlers the latest runs first,
// so the next call of a plugin registers this one once more.
void note_exits();

// "scoring document 3@512, layer 2, head 1"; "" for a thread in no plugin.
std::string in_words(const PulsePlace& place);

// The thread that has been in a plugin for longest; nullptr where none is in one.
const PulsePlace* longest_in_plugin(const PulseBoard& board);

}  // namespace pressroom
