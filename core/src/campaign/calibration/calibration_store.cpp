#include "campaign/calibration/calibration_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/atomic_file.h"
#include "base/read_file.h"

namespace pressroom {

CalibrationStore::CalibrationStore(std::filesystem::path file, const std::string& to,
                                   const std::string& by)
    : file_(std::move(file)) {
  if (std::filesystem::exists(file_)) {
    known_ = calibration_from_json(text_of_file(file_), file_.string());
  }
  known_.to = to;
  known_.by = by;
}

CalibratedGroup CalibrationStore::known(const std::string& dataset,
                                        std::int64_t context_tokens) const {
  const CalibratedGroup* group = known_.group(dataset, context_tokens);
  return group == nullptr ? CalibratedGroup() : *group;
}

void CalibrationStore::keep(const CalibratedGroup& group) {
  auto& groups = known_.groups;
  auto place = std::find_if(groups.begin(), groups.end(), [&](const CalibratedGroup& other) {
    return other.dataset == group.dataset && other.context_tokens == group.context_tokens;
  });
  if (place == groups.end()) place = groups.insert(groups.end(), CalibratedGroup());
  const CalibratedGroup before = std::exchange(*place, group);
  for (const CalibratedMethod& method : before.methods) {
    if (group.method(method.method) == nullptr) place->methods.push_back(method);
  }
  write(known_);
}

void CalibrationStore::finish(const Calibration& whole) {
  if (to_json(whole) == to_json(known_)) return;
  write(whole);
  known_ = whole;
}

void CalibrationStore::write(const Calibration& calibration) const {
  using Json = nlohmann::ordered_json;
  write_file_atomically(
      file_, to_json(calibration).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace pressroom
