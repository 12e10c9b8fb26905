#include "compare_pivot.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "command.h"
#include "pressroom/error.h"
#include "report/pivot/pivot_groups.h"

namespace pressroom {
namespace {

constexpr int kMostDigits = 9;  // behind the point

}  // namespace

std::string pivot_text_of(const PivotTable& table, const std::string& format) {
  return format == "csv"        ? pivot_csv(table)
         : format == "json"     ? json_text(pivot_json(table))
         : format == "markdown" ? pivot_markdown(table)
         : format == "latex"    ? pivot_latex(table)
                                : pivot_plain(table);
}

void check_pivot_options(const boost::program_options::variables_map& values) {
  const bool pivot = values.count("pivot") > 0;
  for (const char* option : {"delta", "digits"}) {
    if (pivot || values.count(option) == 0) continue;
    throw Error({std::string("--") + option + " is for a pivot", "", "--pivot as well",
                 std::string("--") + option + " alone", "add --pivot \"method x budget\""});
  }
  if (pivot && values.count("pairs") > 0) {
    throw Error({"a pivot has no pairs of methods", "", "--pivot or --pairs", "both", ""});
  }
  if (pivot && values.count("metric") > 0 && values["metric"].as<Words>().size() > 1) {
    throw Error({"a pivot shows one metric", "", "--metric once",
                 std::to_string(values["metric"].as<Words>().size()) + " of them",
                 "make a pivot of each"});
  }
  if (values.count("digits") == 0) return;
  const int digits = values["digits"].as<int>();
  if (digits >= 0 && digits <= kMostDigits) return;
  throw Error({"--digits is out of range", "", "0 to " + std::to_string(kMostDigits),
               std::to_string(digits), ""});
}

PivotOptions pivot_options(const boost::program_options::variables_map& values,
                           const ComparisonView& view,
                           const std::vector<StoredCampaign>& campaigns) {
  PivotOptions pivot;
  pivot.layout = parse_pivot(values["pivot"].as<std::string>(), amount_name(view.groups()));
  pivot.change = values.count("delta") > 0;
  if (values.count("digits") > 0) pivot.digits = values["digits"].as<int>();
  pivot.groups = method_groups(campaigns, view.merged());
  return pivot;
}

}  // namespace pressroom
