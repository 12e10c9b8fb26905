// Feeds damaged files to every reader of what comes from outside, and counts what they do.
//
//   pressroom_fuzz SOURCE_DIR PLUGIN_DIR [--count N] [--seed S] [--target NAME]
//
// An input must be read or be refused: an Error in which every problem says what to do. A crash, a
// hang, another exception, a message that is not UTF-8 or has control characters, or more than 4 GB
// of memory is a fault; its input is kept in fuzz-faults/ below the current folder, and the exit
// code is
// 1. Inputs depend on the seed and their number alone. docs/testing.md says when to run it.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <iomanip>
#include <iostream>
#include <optional>

#include "base/whole_file.h"
#include "damager.h"
#include "fuzz_targets.h"
#include "pressroom/error.h"
#include "scratch_folder.h"

namespace pressroom {
namespace {

constexpr int kSecondsPerInput = 20;
constexpr rlim_t kMemoryBytes = rlim_t{4} << 30;

struct Options {
  std::string source, plugins, target;
  int count = 300;
  std::uint64_t seed = 1;
};

// Shared by the process that reads inputs and the one that outlives it.
struct Progress {
  int next;  // the input being read
  int read, refused, faults;
  char fault[400];  // of the last one
};

// Words that a text may have in place of another: what readers tend to stumble over.
constexpr const char* kHardWords[] = {"null",
                                      "true",
                                      "{}",
                                      "[]",
                                      "\"\"",
                                      "-1",
                                      "0",
                                      "1e400",
                                      "NaN",
                                      "9223372036854775807",
                                      "18446744073709551616",
                                      "-0.0",
                                      "\"\xff\xfe\"",
                                      "\"\\u0000\"",
                                      "\x1b[31m",
                                      "[[[[[[[[[[[[[[[["};

// Exchanges a word, or drops, doubles or moves a line.
std::string retyped(std::string text, std::mt19937_64& random) {
  if (text.empty()) return text;
  const std::size_t at = random() % text.size();
  const std::string ends = ",:{}[]\n ";
  const std::size_t begin = text.find_last_of(ends, at);
  const std::size_t from = begin == std::string::npos ? 0 : begin + 1;
  const std::size_t to = std::min(text.find_first_of(ends, from), text.size());
  const std::size_t line = std::min(text.find('\n', at), text.size());
  switch (random() % 4) {
    case 0:
      return text.replace(from, to - from, kHardWords[random() % std::size(kHardWords)]);
    case 1:
      return text.erase(from, line - from);
    case 2:
      return text.insert(random() % text.size(), text.substr(from, line - from));
    default:
      return text.erase(from, to - from);
  }
}

std::string input_of(const FuzzTarget& target, std::uint64_t seed, int number) {
  std::mt19937_64 random(seed * 1000003 + static_cast<std::uint64_t>(number));
  const std::string& whole = target.seeds[random() % target.seeds.size()];
  if (target.is_text && random() % 3 != 0) {
    std::string text = whole;
    for (std::uint64_t left = 1 + random() % 3; left > 0; --left) text = retyped(text, random);
    return text;
  }
  return Damager(random()).damaged(whole, std::min<std::size_t>(whole.size(), 4096));
}

// What is wrong with a message, or nothing.
std::optional<std::string> complaint_about(const Error& error) {
  for (const Problem& problem : error.problems()) {
    if (problem.fix.empty()) return "nothing to do is said: " + problem.text();
  }
  for (const char letter : std::string(error.what())) {
    const bool is_blank = letter == '\n' || letter == '\t';
    if (static_cast<unsigned char>(letter) < 32 && !is_blank) return "a control character";
  }
  return std::nullopt;
}

// Reads one input. Returns what was wrong with how it was taken.
std::optional<std::string> take(const FuzzTarget& target, const std::string& input,
                                Progress& progress) {
  try {
    target.read(input);
    ++progress.read;
    return std::nullopt;
  } catch (const Error& error) {
    ++progress.refused;
    return complaint_about(error);
  } catch (const std::exception& exception) {
    return std::string("no Error but: ") + exception.what();
  } catch (...) {
    return std::string("no Error but something else was thrown");
  }
}

void note_fault(const FuzzTarget& target, const Options& options, const std::string& why,
                Progress& progress) {
  ++progress.faults;
  std::snprintf(progress.fault, sizeof progress.fault, "%s", why.c_str());
  const std::string name = target.name + "-" + std::to_string(progress.next);
  std::filesystem::create_directories("fuzz-faults");
  write_file("fuzz-faults/" + name, input_of(target, options.seed, progress.next));
  std::cout << "  " << name << ": " << why.substr(0, 300) << "\n" << std::flush;
}

// Reads inputs until all are read, or until one ends this process.
void read_inputs(const FuzzTarget& target, const Options& options, Progress& progress) {
#ifndef __SANITIZE_ADDRESS__
  const rlimit memory = {kMemoryBytes, kMemoryBytes};
  setrlimit(RLIMIT_AS, &memory);
#endif
  for (; progress.next < options.count; ++progress.next) {
    alarm(kSecondsPerInput);
    const auto why = take(target, input_of(target, options.seed, progress.next), progress);
    alarm(0);
    if (why) note_fault(target, options, *why, progress);
  }
}

// Each target in a child, which is started again behind an input that ended it.
void fuzz(const FuzzTarget& target, const Options& options, Progress& progress) {
  std::memset(&progress, 0, sizeof progress);
  while (progress.next < options.count) {
    std::cout.flush();
    const pid_t child = fork();
    if (child == 0) {
      read_inputs(target, options, progress);
      std::cout.flush();
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    const bool hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    note_fault(target, options,
               hung ? "it took over 20 s" : "the process ended, status " + std::to_string(status),
               progress);
    ++progress.next;
  }
}

int run(const Options& options) {
  const ScratchFolder scratch;
  void* shared =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Progress& progress = *static_cast<Progress*>(shared);
  std::cout << "target            inputs     read  refused   faults  seconds\n";
  int faults = 0;
  int inputs = 0;
  for (const FuzzTarget& target : fuzz_targets(options.source, options.plugins, scratch.path())) {
    if (!options.target.empty() && options.target != target.name) continue;
    const auto start = std::chrono::steady_clock::now();
    fuzz(target, options, progress);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::cout << std::left << std::setw(16) << target.name << std::right << std::setw(8)
              << options.count << std::setw(9) << progress.read << std::setw(9) << progress.refused
              << std::setw(9) << progress.faults << std::setw(9) << std::fixed
              << std::setprecision(1) << seconds.count() << "\n";
    faults += progress.faults;
    inputs += options.count;
  }
  std::cout << "fuzz: " << inputs << " inputs, " << faults << " faults\n";
  return faults == 0 && inputs > 0 ? 0 : 1;
}

}  // namespace
}  // namespace pressroom

int main(int count, char** words) {
  const std::vector<std::string> given(words + 1, words + count);
  if (given.size() < 2) {
    std::cerr
        << "usage: pressroom_fuzz SOURCE_DIR PLUGIN_DIR [--count N] [--seed S] [--target NAME]\n";
    return 2;
  }
  pressroom::Options options;
  options.source = given[0];
  options.plugins = given[1];
  for (std::size_t i = 2; i + 1 < given.size(); i += 2) {
    if (given[i] == "--count") options.count = std::stoi(given[i + 1]);
    if (given[i] == "--seed") options.seed = std::stoull(given[i + 1]);
    if (given[i] == "--target") options.target = given[i + 1];
  }
  try {
    return pressroom::run(options);
  } catch (const std::exception& problem) {  // a seed is missing
    std::cerr << "pressroom_fuzz: " << problem.what() << "\n";
    return 2;
  }
}
