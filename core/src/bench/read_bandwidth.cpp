#include "bench/read_bandwidth.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <vector>

#include "base/process_memory.h"
#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

using Word = std::uint64_t;

constexpr std::int64_t kRuns = 4;              // read side by side
constexpr std::int64_t kLine = 8;              // words of a cache line
constexpr std::int64_t kPieceWords = 1 << 17;  // 1 MiB: what a thread takes at a time
constexpr std::int64_t kLeastBytes = 256 << 20;
constexpr std::int64_t kMostBytes = std::int64_t{4} << 30;
constexpr double kSeconds = 0.2;
constexpr int kLeastPasses = 3;

Word sum_of_piece(const Word* piece) {
  constexpr std::int64_t kRunWords = kPieceWords / kRuns;
  Word sums[kRuns] = {};
  for (std::int64_t i = 0; i < kRunWords; i += kLine) {
    for (std::int64_t run = 0; run < kRuns; ++run) {
      const Word* line = piece + run * kRunWords + i;
      Word sum = 0;
#pragma omp simd reduction(+ : sum)
      for (std::int64_t k = 0; k < kLine; ++k) sum += line[k];
      sums[run] += sum;
    }
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

}  // namespace

std::int64_t bandwidth_bytes(std::int64_t cache_bytes, std::optional<std::int64_t> available) {
  const std::int64_t wanted = std::clamp(4 * cache_bytes, kLeastBytes, kMostBytes);
  // Where the system does not say what there is, the least may be asked of any machine.
  const std::int64_t bytes = std::min(wanted, available ? *available / 4 : kLeastBytes);
  return bytes < std::max(kLeastBytes, 2 * cache_bytes) ? 0 : bytes;
}

namespace {

double measure(std::int64_t bytes, std::int64_t threads) {
  const std::int64_t pieces = bytes / static_cast<std::int64_t>(sizeof(Word)) / kPieceWords;
  const std::int64_t count = pieces * kPieceWords;
  const std::unique_ptr<Word[]> words(new Word[static_cast<std::size_t>(count)]);
  // By the threads that read, so that it lies near them; and not zeros, which the system may keep
  // in one page for all.
  parallel_for(pieces, threads, [&](std::int64_t piece) {
    std::fill_n(words.get() + piece * kPieceWords, kPieceWords, Word{1});
  });

  std::vector<Word> sums(static_cast<std::size_t>(pieces));
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto since = [](Clock::time_point from) {
    return std::chrono::duration<double>(Clock::now() - from).count();
  };
  double best = 0;
  for (int pass = 0; pass < kLeastPasses || since(begin) < kSeconds; ++pass) {
    const auto pass_begin = Clock::now();
    parallel_for(pieces, threads, [&](std::int64_t piece) {
      sums[static_cast<std::size_t>(piece)] = sum_of_piece(words.get() + piece * kPieceWords);
    });
    asm volatile("" : : "r"(sums.data()) : "memory");  // what is summed is read
    best = std::max(best, static_cast<double>(count) * sizeof(Word) / since(pass_begin));
  }
  return best;
}

}  // namespace

std::optional<double> measured_read_bandwidth(std::int64_t threads) {
  const std::int64_t cache = ::sysconf(_SC_LEVEL3_CACHE_SIZE);  // 0 or -1: not told
  const std::int64_t bytes = bandwidth_bytes(std::max<std::int64_t>(0, cache), available_bytes());
  if (bytes == 0) return std::nullopt;
  try {
    return measure(bytes, threads_or_all(threads));
  } catch (const std::exception&) {
    return std::nullopt;  // no memory or no threads after all; what it was measured for is there
  }
}

}  // namespace pressroom
