#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>

#include "command.h"
#include "hub/pull.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBarInterval(200);
constexpr std::chrono::seconds kLineInterval(30);

std::string size_text(std::int64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  const auto size = static_cast<double>(bytes);
  return bytes < 1000000 ? fmt::format("{:.1f} kB", size / 1e3)
                         : fmt::format("{:.1f} MB", size / 1e6);
}

// A line that moves where standard error is a terminal; elsewhere a line for each file, and one in
// between every half minute.
class PullProgress final : public PullObserver {
 public:
  PullProgress() : moving_(is_terminal(STDERR_FILENO)) {}
  ~PullProgress() override { clear(); }

  void on_plan(const PullResult& plan) override {
    std::int64_t missing = 0;
    for (const PullFile& file : plan.files) missing += file.size - file.done;
    spdlog::info("commit {}: {} file{}, {} to download", plan.commit, plan.files.size(),
                 plan.files.size() == 1 ? "" : "s", size_text(missing));
  }

  void on_file_begin(const PullFile& file) override {
    begin_ = last_ = Clock::now();
    if (moving_) return draw(file, file.done);
    spdlog::info("{}: {}{}", file.name, size_text(file.size),
                 file.done > 0 ? ", of which " + size_text(file.done) + " are there" : "");
  }

  void on_bytes(const PullFile& file, std::int64_t done) override {
    const auto now = Clock::now();
    if (now - last_ < (moving_ ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval)))
      return;
    last_ = now;
    if (moving_) return draw(file, done);
    spdlog::info("{}", line(file, done));
  }

  void on_file_end(const PullFile& file) override {
    clear();
    spdlog::info("{}: done", file.name);
  }

  void on_message(const std::string& text) override {
    clear();
    spdlog::warn("{}", text);
  }

  bool stop_requested() override { return stop_was_requested(); }

  // What is printed next starts on a clean line.
  void clear() const {
    if (moving_) std::fputs("\r\x1b[K", stderr);
  }

 private:
  std::string line(const PullFile& file, std::int64_t done) const {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
    const double rate = seconds > 0.5 ? static_cast<double>(done - file.done) / seconds : 0;
    return fmt::format("{}: {} of {}{}", file.name, size_text(done), size_text(file.size),
                       rate > 0 ? fmt::format(", {:.1f} MB/s", rate / 1e6) : "");
  }

  void draw(const PullFile& file, std::int64_t done) const {
    std::fputs(("\r\x1b[K" + line(file, done)).c_str(), stderr);
    std::fflush(stderr);
  }

  const bool moving_;
  Clock::time_point begin_;
  Clock::time_point last_;
};

void print_plan(const PullResult& plan) {
  for (const PullFile& file : plan.files) {
    std::cout << file.name << "  " << size_text(file.size)
              << (file.size > 0 && file.done == file.size ? "  already there" : "") << "\n";
  }
}

}  // namespace

int command_pull(const Words& words) {
  po::options_description options("options");
  options.add_options()("file", po::value<Words>()->composing()->value_name("F"),
                        "this file alone, as a .gguf; may be given several times");
  options.add_options()("dry-run", "print what would be downloaded, change nothing");
  const po::variables_map values =
      parse_words(words, "pull NAME[@REVISION] [OPTIONS]", options, {"NAME"});
  PullRequest request;
  request.name = parse_hub_name(values["NAME"].as<std::string>());
  if (values.count("file") > 0) request.files = values["file"].as<Words>();
  request.dry_run = values.count("dry-run") > 0;
  watch_signals();
  PullProgress progress;
  try {
    const PullResult result = pull(request, hub_settings_from_environment(), progress);
    if (request.dry_run) print_plan(result);
    std::cout << result.snapshot.string() << "\n";
    return kDone;
  } catch (const TransferStopped&) {
    progress.on_message("stopped; run the same command again to go on");
    return kInterrupted;
  } catch (const NetworkFailure& failure) {
    progress.clear();
    for (const Problem& problem : failure.problems()) spdlog::error("{}", problem.text());
    return kNotDownloaded;
  }
}

}  // namespace pressroom
