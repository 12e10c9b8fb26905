#include "train/starter/checkpoint.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr const char* kCheckpointFormat = "pressroom-training-2";

void append(std::string* bytes, const at::Tensor& vector) {
  const at::Tensor values = vector.contiguous();
  bytes->append(static_cast<const char*>(values.data_ptr()), values.nbytes());
}

at::Tensor vector_from(const char* bytes, std::int64_t size) {
  at::Tensor vector = at::empty({size});
  std::copy(bytes, bytes + vector.nbytes(), static_cast<char*>(vector.data_ptr()));
  return vector;
}

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& got) {
  throw Error({"the checkpoint cannot be read", file.string(), "a whole checkpoint of this program",
               got, "remove the file to train from the start"});
}

}  // namespace

void save_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint) {
  const nlohmann::ordered_json header = {
      {"format", kCheckpointFormat},         {"step", checkpoint.step},
      {"seconds", checkpoint.seconds},       {"loss_sum", checkpoint.loss_sum},
      {"loss_count", checkpoint.loss_count}, {"size", checkpoint.parameters.numel()},
      {"recipe", checkpoint.recipe}};
  std::string bytes = header.dump() + "\n";
  append(&bytes, checkpoint.parameters);
  append(&bytes, checkpoint.momentum);
  append(&bytes, checkpoint.second_moment);
  write_file_atomically(file, bytes);
}

std::optional<Checkpoint> load_checkpoint(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  const std::size_t header_end = std::min(bytes.find('\n'), bytes.size());
  const auto header = nlohmann::json::parse(bytes.substr(0, header_end), nullptr, false);
  if (!header.is_object() || header.value("format", "") != kCheckpointFormat)
    fail(file, "another format");
  Checkpoint checkpoint;
  checkpoint.step = header.at("step").get<std::int64_t>();
  checkpoint.seconds = header.at("seconds").get<double>();
  checkpoint.loss_sum = header.at("loss_sum").get<double>();
  checkpoint.loss_count = header.at("loss_count").get<std::int64_t>();
  checkpoint.recipe = header.at("recipe").get<std::string>();
  const auto size = header.at("size").get<std::int64_t>();
  const std::size_t vector_bytes = static_cast<std::size_t>(size) * sizeof(float);
  if (size < 0 || bytes.size() != header_end + 1 + 3 * vector_bytes) {
    fail(file, std::to_string(bytes.size()) + " bytes");
  }
  const char* at = bytes.data() + header_end + 1;
  checkpoint.parameters = vector_from(at, size);
  checkpoint.momentum = vector_from(at + vector_bytes, size);
  checkpoint.second_moment = vector_from(at + 2 * vector_bytes, size);
  return checkpoint;
}

}  // namespace pressroom
