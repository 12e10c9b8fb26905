#include "train/kvzap_rows.h"

#include <ATen/ATen.h>

#include <cerrno>
#include <cstring>

#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const fs::path& file, const std::string& got) {
  throw Error({"the training rows cannot be written", file.string(), "", got,
               "free some space, choose another --out, or lower --tokens"});
}

at::Tensor rows_of(const MappedFile& file, std::int64_t columns, at::ScalarType dtype) {
  const auto bytes = static_cast<std::int64_t>(file.bytes().size());
  const auto row_bytes = columns * static_cast<std::int64_t>(c10::elementSize(dtype));
  return at::from_blob(const_cast<char*>(file.bytes().data()), {bytes / row_bytes, columns}, dtype);
}

}  // namespace

KvzapLayerRows::KvzapLayerRows(const fs::path& inputs, const fs::path& targets,
                               std::int64_t input_size, std::int64_t outputs)
    : input_file_(inputs, "the training rows"),
      target_file_(targets, "the training rows"),
      inputs_(rows_of(input_file_, input_size, at::kHalf)),
      targets_(rows_of(target_file_, outputs, at::kFloat)) {}

KvzapRows::KvzapRows(fs::path folder, std::int64_t layers, std::int64_t input_size,
                     std::int64_t outputs, std::int64_t expected_rows)
    : folder_(std::move(folder)), input_size_(input_size), outputs_(outputs) {
  std::error_code failed;
  if (fs::exists(folder_)) {
    throw Error({"there are training rows already", folder_.string(), "no such folder",
                 "one, of a training that keeps its rows, goes on, or was killed",
                 "remove it if nobody needs it, or name another --out"});
  }
  fs::create_directories(folder_, failed);
  if (failed) cannot_write(folder_, failed.message());
  const auto needed =
      static_cast<std::uintmax_t>(layers * expected_rows * (2 * input_size + 4 * outputs));
  const fs::space_info space = fs::space(folder_, failed);
  if (!failed && space.available < needed) {
    fs::remove_all(folder_, failed);
    cannot_write(folder_, std::to_string(needed >> 20) + " MiB are needed, " +
                              std::to_string(space.available >> 20) + " are free");
  }
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    inputs_.emplace_back(file(layer, "inputs"), std::ios::binary);
    targets_.emplace_back(file(layer, "targets"), std::ios::binary);
  }
}

KvzapRows::~KvzapRows() {
  if (is_kept_) return;
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
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
