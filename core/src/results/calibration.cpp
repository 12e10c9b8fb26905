#include "results/calibration.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "results/sealed_json.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCalibrationSchema = "pressroom.calibration/1";
constexpr const char* kFixCalibration = "remove it: budgets are found anew";

Json group_to_json(const CalibratedGroup& group) {
  Json json = {{"dataset", group.dataset},         {"context_length", group.context_tokens},
               {"content_key", group.content_key}, {"kept_ratio", group.kept},
               {"sparsity", group.sparsity()},     {"windows", Json::array()},
               {"methods", Json::array()}};
  if (group.held > 0) json["mean_held_ratio"] = group.held;
  for (const CalibrationWindow& window : group.windows) {
    json["windows"].push_back({{"id", window.id}, {"ids_sha256", window.ids_sha256}});
  }
  for (const CalibratedMethod& method : group.methods) {
    json["methods"].push_back({{"method", method.method},
                               {"content_key", method.content_key},
                               {"budget_tokens", method.budget_tokens},
                               {"kept_ratio", method.kept},
                               {"runs", method.runs}});
    if (method.held > 0) json["methods"].back()["mean_held_ratio"] = method.held;
  }
  return json;
}

CalibratedGroup group_from_json(const Json& json) {
  CalibratedGroup group;
  group.dataset = json.at("dataset");
  group.context_tokens = json.at("context_length");
  group.content_key = json.at("content_key");
  group.kept = json.at("kept_ratio");
  group.held = json.value("mean_held_ratio", 0.0);
  for (const Json& window : json.at("windows")) {
    group.windows.push_back({window.at("id"), window.at("ids_sha256")});
  }
  for (const Json& method : json.at("methods")) {
    group.methods.push_back({method.at("method"), method.at("content_key"),
                             method.at("budget_tokens"), method.at("kept_ratio"),
                             method.value("mean_held_ratio", 0.0), method.at("runs")});
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

}  // namespace pressroom
