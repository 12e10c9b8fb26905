#include "train/starter/checkpoint.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/whole_file.h"
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

// A number that counts something. Throws nlohmann's exceptions, as `at` does, for what is no
// number.
std::int64_t count_of(const nlohmann::json& header, const char* name,
                      const std::filesystem::path& file) {
  const nlohmann::json& number = header.at(name);
  const auto count = number.is_number_integer() ? number.get<std::int64_t>() : -1;
  if (count < 0) fail(file, std::string(name) + " " + number.dump());
  return count;
}

nlohmann::ordered_json by_length(const std::vector<std::int64_t>& lengths,
                                 const std::vector<double>& shares) {
  auto object = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < lengths.size(); ++i) object[std::to_string(lengths[i])] = shares[i];
  return object;
}

// The size of a vector is in `size`.
Checkpoint checkpoint_of(const nlohmann::json& header, const std::filesystem::path& file,
                         std::int64_t& size) {
  Checkpoint checkpoint;
  try {
    if (header.value("format", "") != kCheckpointFormat) fail(file, "another format");
    checkpoint.step = count_of(header, "step", file);
    checkpoint.seconds = header.at("seconds").get<double>();
    checkpoint.loss_sum = header.at("loss_sum").get<double>();
    checkpoint.loss_count = count_of(header, "loss_count", file);
    checkpoint.recipe = header.at("recipe").get<std::string>();
    size = count_of(header, "size", file);
  } catch (const nlohmann::json::exception& damage) {
    fail(file, std::string("a damaged header: ") + damage.what());
  }
  return checkpoint;
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
  std::string why;
  const std::optional<std::string> read = read_regular_file(file, why);
  if (!read) fail(file, why);
  const std::string& bytes = *read;
  const std::size_t header_end = bytes.find('\n');
  if (header_end == std::string::npos) fail(file, "another format");
  const auto header = nlohmann::json::parse(bytes.substr(0, header_end), nullptr, false);
  if (!header.is_object()) fail(file, "another format");
  std::int64_t size = 0;
  Checkpoint checkpoint = checkpoint_of(header, file, size);
  const std::size_t vectors = bytes.size() - header_end - 1;
  const std::size_t row = 3 * sizeof(float);
  // Divided, for a product of a damaged size could wrap.
  if (vectors % row != 0 || vectors / row != static_cast<std::size_t>(size)) {
    fail(file, std::to_string(bytes.size()) + " bytes");
  }
  const std::size_t vector_bytes = vectors / 3;
  const char* at = bytes.data() + header_end + 1;
  checkpoint.parameters = vector_from(at, size);
  checkpoint.momentum = vector_from(at + vector_bytes, size);
  checkpoint.second_moment = vector_from(at + 2 * vector_bytes, size);
  return checkpoint;
}

TrainingLog::TrainingLog(std::filesystem::path file) : file_(std::move(file)) {}

void TrainingLog::keep_until(std::int64_t step) {
  std::ifstream in(file_);
  std::string kept, line;
  while (std::getline(in, line)) {
    const auto entry = nlohmann::json::parse(line, nullptr, false);
    if (entry.is_object() && entry.value("step", step + 1) <= step) kept += line + "\n";
  }
  write_file_atomically(file_, kept);
}

void TrainingLog::add(const TrainProgress& progress) {
  const TrainEvaluation& evaluation = progress.evaluation;
  nlohmann::ordered_json line = {{"step", progress.step},
                                 {"tokens", progress.tokens},
                                 {"seconds", progress.seconds},
                                 {"train_loss", progress.train_loss},
                                 {"bits_per_byte", evaluation.bits_per_byte},
                                 {"recall", by_length(evaluation.lengths, evaluation.recall)}};
  for (const TaskScore& task : evaluation.tasks) {
    line["tasks"][task.name] = by_length(task.lengths, task.right);
  }
  append_to_file(file_, line.dump() + "\n");
}

}  // namespace pressroom
