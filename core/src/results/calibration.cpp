#include "results/calibration.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "results/metric_names.h"
#include "results/record_json.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCalibrationSchema = "pressroom.calibration/1";
constexpr const char* kHeldRatio = "mean_held_ratio";
constexpr const char* kFixCalibration = "remove it: budgets are found anew";

Json group_to_json(const CalibratedGroup& group) {
  Json json = {{"dataset", group.dataset},         {"context_length", group.context_tokens},
               {"content_key", group.content_key}, {metric_names::kKeptRatio, group.kept},
               {"sparsity", group.sparsity()},     {"windows", Json::array()},
               {"methods", Json::array()}};
  if (group.held > 0) json[kHeldRatio] = group.held;
  for (const CalibrationWindow& window : group.windows) {
    json["windows"].push_back({{"id", window.id}, {"ids_sha256", window.ids_sha256}});
  }
  for (const CalibratedMethod& method : group.methods) {
    json["methods"].push_back({{"method", method.method},
                               {"content_key", method.content_key},
                               {"budget_tokens", method.budget_tokens},
                               {metric_names::kKeptRatio, method.kept},
                               {"runs", method.runs}});
    if (method.held > 0) json["methods"].back()[kHeldRatio] = method.held;
  }
  return json;
}

CalibratedGroup group_from_json(const Json& json) {
  CalibratedGroup group;
  group.dataset = json.at("dataset");
  group.context_tokens = json.at("context_length");
  group.content_key = json.at("content_key");
  group.kept = json.at(metric_names::kKeptRatio);
  group.held = json.value(kHeldRatio, 0.0);
  for (const Json& window : json.at("windows")) {
    group.windows.push_back({window.at("id"), window.at("ids_sha256")});
  }
  for (const Json& method : json.at("methods")) {
    group.methods.push_back({method.at("method"), method.at("content_key"),
                             method.at("budget_tokens"), method.at(metric_names::kKeptRatio),
                             method.value(kHeldRatio, 0.0), method.at("runs")});
  }
  return group;
}

}  // namespace

double CalibratedGroup::sparsity() const { return std::round((1 - kept) * 1e4) / 1e4; }

const CalibratedMethod* CalibratedGroup::method(const std::string& label) const {
  for (const CalibratedMethod& each : methods) {
    if (each.method == label) return &each;
  }
  return nullptr;
}

const CalibratedGroup* Calibration::group(const std::string& dataset,
                                          std::int64_t context_tokens) const {
  for (const CalibratedGroup& each : groups) {
    if (each.dataset == dataset && each.context_tokens == context_tokens) return &each;
  }
  return nullptr;
}

Json to_json(const Calibration& calibration) {
  Json json = {{"schema", kCalibrationSchema},
               {"to", calibration.to},
               {"by", calibration.by},
               {"groups", Json::array()}};
  for (const CalibratedGroup& group : calibration.groups) {
    json["groups"].push_back(group_to_json(group));
  }
  seal(json);
  return json;
}

Calibration calibration_from_json(const std::string& text, const std::string& file) {
  const Json json =
      read_sealed(text, {"the calibration", file, kCalibrationSchema, kFixCalibration});
  Calibration calibration;
  try {
    calibration.to = json.at("to");
    calibration.by = json.at("by");
    for (const Json& group : json.at("groups")) {
      calibration.groups.push_back(group_from_json(group));
    }
  } catch (const Json::exception& error) {
    throw Error({"the calibration is not whole", file, "a calibration as this version writes it",
                 error.what(), kFixCalibration});
  }
  return calibration;
}

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
    // A search that was broken off has not come to all methods: what was found before stays.
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
  write_file_atomically(file_, json_text(to_json(calibration), 1));
}

}  // namespace pressroom
