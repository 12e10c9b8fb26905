#include "progress.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/utf8.h"
#include "command.h"
#include "results/metric_names.h"

namespace pressroom {
namespace {

constexpr std::size_t kBarWidth = 24;
constexpr std::chrono::milliseconds kRedrawInterval(100);

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

LoadLine::LoadLine() : moving_(is_terminal(STDERR_FILENO)) {}

void LoadLine::show(std::int64_t done, std::int64_t total) {
  const int percent = static_cast<int>(100 * done / std::max<std::int64_t>(total, 1));
  if (!moving_ || percent == percent_) return;
  percent_ = percent;
  std::fputs(
      done < total ? fmt::format("\r\x1b[Kloading the model: {} %", percent).c_str() : "\r\x1b[K",
      stderr);
  std::fflush(stderr);
}

Progress::Progress() : moving_(is_terminal(STDERR_FILENO)), begin_(Clock::now()) {}

void Progress::on_message(const std::string& text) {
  clear();
  spdlog::warn("{}", printable(text));
}

void Progress::on_note(const std::string& text) {
  clear();
  spdlog::info("{}", printable(text));
}

void Progress::on_plan(std::size_t cells, std::int64_t tokens) {
  const std::lock_guard<std::mutex> lock(mutex_);
  cells_ = cells;
  tokens_ = tokens;
  begin_ = Clock::now();
}

void Progress::on_cell_begin(std::size_t /*index*/, const Cell& cell) {
  const std::lock_guard<std::mutex> lock(mutex_);
  cell_ = cell.file_stem();
  again_.clear();
  draw(/*force=*/true);
}

void Progress::on_cell_again(const std::string& why) {
  const std::lock_guard<std::mutex> lock(mutex_);
  again_ = ": run again, as " + why;
}

void Progress::on_tokens(std::int64_t tokens) {
  const std::lock_guard<std::mutex> lock(mutex_);
  tokens_done_ += tokens;
  // Apart from those of reused cells, which take no time and would make the rate too high.
  tokens_run_ += tokens;
  draw(/*force=*/false);
}

void Progress::on_cell_end(std::size_t /*index*/, const CellResult& result, bool reused) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++cells_done_;
  // A reused or failed cell counts with all the tokens it stands for.
  tokens_done_ =
      static_cast<std::int64_t>(static_cast<double>(tokens_) * static_cast<double>(cells_done_) /
                                static_cast<double>(std::max<std::size_t>(cells_, 1)));
  const std::string stem = result.cell.file_stem();
  if (!result.error.empty()) {
    if (moving_) std::fputs("\r\x1b[K", stderr);
    spdlog::error("[{}/{}] {} {} failed: {}", cells_done_, cells_, result.cell.dataset, stem,
                  printable(result.error));
  } else if (!moving_) {
    const MetricValue* perplexity = result.metric(metric_names::kPerplexity);
    spdlog::info(
        "[{}/{}] {} {}{}{}", cells_done_, cells_, result.cell.dataset, stem, reused ? "" : again_,
        reused ? ": already there"
        : perplexity
            ? fmt::format(": perplexity {:.4g}, {:.1f} s", perplexity->value, result.seconds)
            : fmt::format(": {:.1f} s", result.seconds));
  }
  draw(/*force=*/true);
}

bool Progress::stop_requested() { return stop_was_requested(); }
bool Progress::no_more_cells() { return end_is_near(); }

void Progress::clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (moving_) std::fputs("\r\x1b[K", stderr);
}

void Progress::draw(bool force) {
  if (!moving_ || (!force && Clock::now() - last_drawn_ < kRedrawInterval)) return;
  last_drawn_ = Clock::now();
  std::fputs(("\r\x1b[K" + bar()).c_str(), stderr);
  std::fflush(stderr);
}

std::string Progress::bar() const {
  const double share =
      tokens_ > 0 ? static_cast<double>(tokens_done_) / static_cast<double>(tokens_) : 0;
  const auto filled = std::min(kBarWidth, static_cast<std::size_t>(share * kBarWidth));
  const std::chrono::duration<double> elapsed = Clock::now() - begin_;
  const double rate = static_cast<double>(tokens_run_) / std::max(elapsed.count(), 1e-3);
  const double left = rate > 0 ? static_cast<double>(tokens_ - tokens_done_) / rate : 0;
  return fmt::format("[{}{}] {}/{} cells  {:.0f} tokens/s  ETA {}  {}", std::string(filled, '#'),
                     std::string(kBarWidth - filled, '.'), cells_done_, cells_, rate,
                     rate > 0 ? duration_text(left) : "-", cell_);
}

}  // namespace pressroom
