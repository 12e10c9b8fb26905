#include "train/kvzap/kvzap_rows.h"

#include <ATen/ATen.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <numeric>

#include "base/number_text.h"
#include "base/whole_file.h"
#include "engine/threads.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMark = "UNFINISHED";
constexpr const char* kMarkText =
    "Rows of `pressroom train kvzap`, which goes on or was killed. The next one in this place\n"
    "removes them.\n";

[[noreturn]] void cannot_write(const fs::path& file, const std::string& got) {
  throw Error({"the training rows cannot be written", file.string(), "", got,
               "free some space, choose another --out, or lower --tokens"});
}

at::Tensor rows_of(const MappedFile& file, std::int64_t columns, at::ScalarType dtype) {
  const auto bytes = static_cast<std::int64_t>(file.bytes().size());
  const auto row_bytes = columns * static_cast<std::int64_t>(c10::elementSize(dtype));
  return at::from_blob(const_cast<char*>(file.bytes().data()), {bytes / row_bytes, columns}, dtype);
}

// Whether a training that was killed may have left `folder`, and nobody else.
bool is_unfinished(const fs::path& folder) {
  std::error_code unreadable;
  // A link was laid by somebody.
  if (!fs::is_directory(fs::symlink_status(folder, unreadable))) return false;
  if (text_of_file(folder / kMark) == kMarkText) return true;
  // Killed before the mark was there, or after it was gone.
  const std::string half_a_mark = std::string(kMark) + ".partial";
  fs::directory_iterator entry(folder, unreadable);
  for (; !unreadable && entry != fs::directory_iterator(); entry.increment(unreadable)) {
    if (entry->path().filename() != half_a_mark) return false;
  }
  return !unreadable;
}

// The mark goes last: who is killed in between leaves a folder that can still be told.
void remove_rows(const fs::path& folder, std::error_code& failed) {
  std::vector<fs::path> entries;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    if (entry->path().filename() != kMark) entries.push_back(entry->path());
  }
  for (std::size_t i = 0; !failed && i < entries.size(); ++i) fs::remove_all(entries[i], failed);
  if (!failed) fs::remove(folder / kMark, failed);
  if (!failed) fs::remove(folder, failed);
}

}  // namespace

KvzapLayerRows::KvzapLayerRows(const fs::path& inputs, const fs::path& targets,
                               std::int64_t input_size, std::int64_t outputs)
    : input_file_(inputs, "the training rows"),
      target_file_(targets, "the training rows"),
      inputs_(rows_of(input_file_, input_size, at::kHalf)),
      targets_(rows_of(target_file_, outputs, at::kFloat)) {}

bool remove_unfinished_rows(const fs::path& folder) {
  if (!is_unfinished(folder)) return false;
  std::error_code failed;
  remove_rows(folder, failed);
  if (!failed) return true;
  throw Error({"the training rows that a killed training left cannot be removed", folder.string(),
               "a folder whose files can be removed", failed.message(),
               "remove it, or name another --out"});
}

KvzapRows::KvzapRows(fs::path folder, std::int64_t layers, std::int64_t input_size,
                     std::int64_t outputs, std::int64_t expected_rows)
    : folder_(std::move(folder)), input_size_(input_size), outputs_(outputs) {
  std::error_code failed;
  if (fs::exists(fs::symlink_status(folder_, failed))) {
    throw Error({"there are training rows already", folder_.string(),
                 "nothing, or what a training left that was killed",
                 "rows that were kept, or a folder of something else",
                 "remove it if nobody needs it, or name another --out"});
  }
  fs::create_directory(folder_, failed);
  if (failed) cannot_write(folder_, failed.message());
  struct stat made = {};
  if (::lstat(folder_.c_str(), &made) != 0) cannot_write(folder_, std::strerror(errno));
  device_ = made.st_dev;
  inode_ = made.st_ino;
  write_file_atomically(folder_ / kMark, kMarkText);
  const auto needed =
      static_cast<std::uintmax_t>(layers * expected_rows * (2 * input_size + 4 * outputs));
  const fs::space_info space = fs::space(folder_, failed);
  if (!failed && space.available < needed) {
    remove_rows(folder_, failed);
    cannot_write(folder_, std::to_string(needed >> 20) + " MiB are needed, " +
                              std::to_string(space.available >> 20) + " are free");
  }
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    inputs_.emplace_back(file(layer, "inputs"), std::ios::binary);
    targets_.emplace_back(file(layer, "targets"), std::ios::binary);
  }
}

KvzapRows::~KvzapRows() {
  // Somebody may have moved the folder around it away and put another with rows in its place.
  if (is_kept_ || !is_in_place() || !is_unfinished(folder_)) return;
  std::error_code ignored;
  remove_rows(folder_, ignored);
}

bool KvzapRows::is_in_place() const {
  struct stat there = {};
  return ::lstat(folder_.c_str(), &there) == 0 && there.st_dev == device_ && there.st_ino == inode_;
}

void KvzapRows::keep() {
  std::error_code failed;
  fs::remove(folder_ / kMark, failed);
  if (failed) cannot_write(folder_ / kMark, failed.message());
  is_kept_ = true;
}

fs::path KvzapRows::file(std::int64_t layer, const char* what) const {
  return folder_ / ("layer-" + std::to_string(layer) + "." + what);
}

void KvzapRows::write(std::ofstream& out, const at::Tensor& rows, const fs::path& file) {
  errno = 0;
  const at::Tensor plain = rows.contiguous();
  out.write(static_cast<const char*>(plain.data_ptr()),
            static_cast<std::streamsize>(plain.nbytes()));
  if (!out) cannot_write(file, std::strerror(errno));
}

void KvzapRows::add(std::int64_t layer, const at::Tensor& inputs, const at::Tensor& targets) {
  const auto at = static_cast<std::size_t>(layer);
  write(inputs_[at], inputs, file(layer, "inputs"));
  write(targets_[at], targets, file(layer, "targets"));
}

void KvzapRows::finish() {
  for (std::size_t layer = 0; layer < inputs_.size(); ++layer) {
    errno = 0;
    inputs_[layer].close();
    targets_[layer].close();
    if (inputs_[layer].fail() || targets_[layer].fail()) {
      cannot_write(folder_, std::strerror(errno));
    }
  }
}

KvzapLayerRows KvzapRows::layer(std::int64_t layer) const {
  return KvzapLayerRows(file(layer, "inputs"), file(layer, "targets"), input_size_, outputs_);
}

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

WindowRows reading_of(const TokenDocument& window, const KvzapTeacher& teacher) {
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
              [&](std::int64_t i) { read[i] = reading_of(windows[first + i], teacher); });
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
