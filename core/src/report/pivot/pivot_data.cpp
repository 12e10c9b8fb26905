#include <nlohmann/json.hpp>

#include "base/number_text.h"
#include "base/strings.h"
#include "report/pivot/pivot_formats.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

std::string mark_text(const PivotCell& cell) {
  return cell.mark == PivotMark::kBest       ? "best"
         : cell.mark == PivotMark::kHeldMore ? "held more"
                                             : "";
}

std::string column_name(const PivotColumn& column) {
  std::string name;
  for (const std::string& head : column.heads) {
    if (!head.empty()) name += (name.empty() ? "" : " ") + head;
  }
  return name;
}

Json number_json(const PivotNumber& number) {
  Json interval = nullptr;
  if (number.ci95) {
    interval = Json::array({json_number(number.ci95->low), json_number(number.ci95->high)});
  }
  return {{"value", json_number(number.value)}, {"ci95", interval}};
}

const char* kind_name(PivotLine kind) {
  return kind == PivotLine::kKept ? "kept" : kind == PivotLine::kMean ? "mean" : "result";
}

Json cell_json(const PivotCell& cell) {
  return {{"value", number_json(cell.value)},
          {"change", number_json(cell.change)},
          {"p_adjusted", json_number(cell.p)},
          {metric_names::kKeptRatio, json_number(cell.kept)},
          {"best", cell.mark == PivotMark::kBest},
          {"held_more", cell.mark == PivotMark::kHeldMore},
          {"partial", cell.partly},
          {"text", cell.text.number},
          {"half_width_text", cell.text.half_width}};
}

}  // namespace

std::string pivot_csv(const PivotTable& table) {
  std::vector<std::string> names = table.row_levels;
  for (const PivotColumn& column : table.columns) {
    const std::string name = column_name(column);
    names.push_back(name);
    for (const char* part : {"low", "high", "p", "mark"}) names.push_back(name + " " + part);
  }
  std::string text = csv_line(names);
  for (const PivotRow& row : table.rows) {
    std::vector<std::string> fields = row.heads;
    for (const PivotCell& cell : row.cells) {
      // What was kept is no change.
      const bool change = table.change && row.kind != PivotLine::kKept;
      const PivotNumber& number = change ? cell.change : cell.value;
      fields.push_back(csv_number(number.value));
      fields.push_back(number.ci95 ? exact(number.ci95->low) : "");
      fields.push_back(number.ci95 ? exact(number.ci95->high) : "");
      fields.push_back(csv_number(cell.p));
      fields.push_back(mark_text(cell));
    }
    text += csv_line(fields);
  }
  return text;
}

Json pivot_json(const PivotTable& table) {
  Json json = {{"schema", "pressroom.pivot/1"},
               {"title", table.title},
               {"baseline", table.baseline},
               {"shows", table.change ? "change" : "value"},
               {"heads", table.heads},
               {"row_levels", table.row_levels},
               {"column_levels", table.column_levels},
               {"columns", Json::array()},
               {"rows", Json::array()},
               {"notes", table.notes},
               {"failures", table.failures},
               {"findings", table.findings}};
  for (const PivotColumn& column : table.columns) {
    json["columns"].push_back({{"kind", kind_name(column.kind)}, {"heads", column.heads}});
  }
  for (const PivotRow& row : table.rows) {
    Json cells = Json::array();
    for (const PivotCell& cell : row.cells) cells.push_back(cell_json(cell));
    json["rows"].push_back(
        {{"kind", kind_name(row.kind)}, {"heads", row.heads}, {"cells", std::move(cells)}});
  }
  return json;
}

}  // namespace pressroom
