#include "train/starter/training_log.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/atomic_file.h"

namespace pressroom {

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
  nlohmann::ordered_json recall = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < progress.evaluation.lengths.size(); ++i) {
    recall[std::to_string(progress.evaluation.lengths[i])] = progress.evaluation.recall[i];
  }
  const nlohmann::ordered_json line = {{"step", progress.step},
                                       {"tokens", progress.tokens},
                                       {"seconds", progress.seconds},
                                       {"train_loss", progress.train_loss},
                                       {"bits_per_byte", progress.evaluation.bits_per_byte},
                                       {"recall", recall}};
  append_to_file(file_, line.dump() + "\n");
}

}  // namespace pressroom
