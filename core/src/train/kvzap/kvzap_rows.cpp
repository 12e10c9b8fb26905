#include "train/kvzap/kvzap_rows.h"

#include <ATen/ATen.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/atomic_file.h"
#include "base/read_file.h"
#include "pressroom/error.h"

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

}  // namespace pressroom
