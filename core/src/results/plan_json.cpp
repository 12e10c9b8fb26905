#include "results/plan_json.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "pressroom/error.h"
#include "results/record_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kPlanSchema = "pressroom.plan/1";
constexpr const char* kFixPlan =
    "run the campaign again: it writes its plan anew; one of a past config (history/N) nothing "
    "writes anew: put it back, or move its folder away, whose results are not found then";

Json to_json(const PlannedFile& planned) {
  Json json = {{"file", planned.file}};
  add_cell_fields(planned.cell, json);
  json["engine"] = planned.engine;
  json["evicts"] = planned.evicts;
  json["uses_budget"] = planned.uses_budget;
  if (!planned.content_key.empty()) json["content_key"] = planned.content_key;
  return json;
}

PlannedFile from_json(const Json& json) {
  PlannedFile planned;
  planned.file = json.at("file");
  planned.cell = cell_of_fields(json);
  planned.engine = json.at("engine");
  planned.evicts = json.at("evicts");
  planned.uses_budget = json.at("uses_budget");
  planned.content_key = json.value("content_key", "");
  return planned;
}

// A plan comes from whoever gave the directory away: it may name no file outside of it.
bool stays_inside(const std::string& file) {
  const std::filesystem::path path(file);
  if (path.is_absolute() || path.filename().empty()) return false;
  for (const std::filesystem::path& part : path) {
    if (part == "..") return false;
  }
  return true;
}

void check_files(const StoredPlan& plan, const std::string& file) {
  std::set<std::string> files;
  std::vector<Problem> problems;
  for (const PlannedFile& planned : plan.cells) {
    if (!stays_inside(planned.file)) {
      problems.push_back({"the plan names a file outside of its directory", file,
                          "a path relative to the directory", planned.file, kFixPlan});
    } else if (!files.insert(planned.file).second) {
      problems.push_back(
          {"the plan names a file twice", file, "a file for each cell", planned.file, kFixPlan});
    }
  }
  if (!problems.empty()) throw Error(problems);
}

}  // namespace

bool same_cell(const Cell& a, const Cell& b) {
  const auto parts = [](const Cell& cell) {
    return std::tie(cell.method, cell.sparsity, cell.budget_tokens, cell.dataset,
                    cell.context_tokens, cell.seed, cell.positions, cell.protocol, cell.kv_dtype,
                    cell.constraints);
  };
  return parts(a) == parts(b);
}

Json plan_json(const StoredPlan& plan) {
  Json json = {{"schema", kPlanSchema},
               {"name", plan.name},
               {"config_sha256", plan.config_sha256},
               {"provenance_sha256", plan.provenance_sha256}};
  if (!plan.run.empty()) json["run"] = plan.run;
  if (!plan.limits.empty()) json["limits"] = plan.limits;
  json["cells"] = Json::array();
  for (const PlannedFile& planned : plan.cells) json["cells"].push_back(to_json(planned));
  seal(json);
  return json;
}

StoredPlan plan_from_json(const std::string& text, const std::string& file) {
  const Json json = read_sealed(text, {"the plan", file, kPlanSchema, kFixPlan});
  StoredPlan plan;
  try {
    plan.name = json.at("name");
    plan.config_sha256 = json.at("config_sha256");
    plan.provenance_sha256 = json.at("provenance_sha256");
    plan.run = json.value("run", "");
    plan.limits = json.value("limits", plan.limits);
    for (const Json& planned : json.at("cells")) plan.cells.push_back(from_json(planned));
  } catch (const Json::exception& error) {
    throw Error({"the plan is not whole", file, "a plan as this version writes it", error.what(),
                 kFixPlan});
  }
  check_files(plan, file);
  return plan;
}

StoredPlan read_plan(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "plan.json";
  return plan_from_json(read_campaign_file(file), file.string());
}

}  // namespace pressroom
