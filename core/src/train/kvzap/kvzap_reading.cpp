#include "train/kvzap/kvzap_reading.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>

#include "base/number_text.h"
#include "engine/threads.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom {
namespace {

// What no second reading looks at at all: its logarithm would be the only thing fitted.
constexpr double kSmallestScore = 1e-20;

// What one window adds to the files, for each layer.
struct WindowRows {
  std::vector<at::Tensor> inputs, targets;  // [n,D] float16, [n,G] float32
};

// The tokens of a window that are learned from, ascending.
std::vector<std::int64_t> sampled(const TokenDocument& window, const TrainKvzapOptions& options) {
  const RandomKey key = RandomKey(options.seed).with("rows").with(window.id);
  std::vector<std::int64_t> tokens(window.ids.size());
  std::iota(tokens.begin(), tokens.end(), 0);
  std::sort(tokens.begin(), tokens.end(), [&](std::int64_t a, std::int64_t b) {
    return key.with(a).bits() < key.with(b).bits();
  });
  const auto most = static_cast<std::size_t>(options.rows_per_window);
  if (tokens.size() > most) tokens.resize(most);
  std::sort(tokens.begin(), tokens.end());
  return tokens;
}

WindowRows rows_of(const TokenDocument& window, const KvzapTeacher& teacher) {
  const at::Tensor chosen = at::tensor(sampled(window, teacher.options), at::kLong);
  WindowRows rows;
  reconstruction_scores(
      teacher.model, window.ids, teacher.reading,
      [&](std::int64_t layer, const at::Tensor& inputs, const at::Tensor& scores) {
        if (teacher.control.stop_requested()) throw Interrupted();
        rows.inputs.push_back(inputs.index_select(0, chosen).to(at::kHalf));
        rows.targets.push_back(
            scores.index_select(1, chosen).t().clamp_min(kSmallestScore).log().contiguous());
        if (at::isfinite(rows.inputs.back()).all().item<bool>()) return;
        throw Error({"a hidden state does not fit into 16 bits",
                     window.id + ", layer " + std::to_string(layer), "values within +-65504",
                     "a larger one", "the model cannot be used with kvzap"});
      });
  return rows;
}

}  // namespace

// One window for each thread at a time, written in order.
void read_twice(const KvzapTeacher& teacher, const std::vector<TokenDocument>& windows,
                KvzapRows& rows) {
  const auto begin = std::chrono::steady_clock::now();
  const auto count = static_cast<std::int64_t>(windows.size());
  std::int64_t tokens = 0;
  for (std::int64_t first = 0; first < count; first += teacher.threads) {
    const std::int64_t together = std::min(teacher.threads, count - first);
    std::vector<WindowRows> read(static_cast<std::size_t>(together));
    run_tasks(together, teacher.threads,
              [&](std::int64_t i) { read[i] = rows_of(windows[first + i], teacher); });
    for (std::int64_t i = 0; i < together; ++i) {
      tokens += static_cast<std::int64_t>(windows[first + i].ids.size());
      for (std::size_t layer = 0; layer < read[i].inputs.size(); ++layer) {
        rows.add(static_cast<std::int64_t>(layer), read[i].inputs[layer], read[i].targets[layer]);
      }
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    teacher.control.on_line(
        "read " + std::to_string(first + together) + " of " + std::to_string(count) +
        " windows twice: " + fixed(static_cast<double>(tokens) / spent.count(), 0) +
        " tokens a second");
  }
}

}  // namespace pressroom
