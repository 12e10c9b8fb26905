#include "pressroom/error.h"
#include "report/html/html_text.h"
#include "report/html/page.h"
#include "results/history.h"

namespace pressroom {
namespace {

std::string configs_box(const std::string& content) {
  return "<section aria-labelledby=\"configs-h\"><h2 id=\"configs-h\">This directory's "
         "configs</h2>" +
         content + "</section>\n";
}

std::string changes_list(const StoredConfig& config) {
  std::string text;
  for (const std::string& change : config.changes) text += (text.empty() ? "" : "; ") + change;
  return text.empty() ? "the first" : text;
}

std::string config_row(const StoredConfig& config, const std::filesystem::path& directory) {
  const bool is_present = config.until.empty();
  const std::string folder = config.folder.lexically_relative(directory).generic_string();
  return "<tr>" + element("th", std::to_string(config.number), "scope=\"row\"") +
         element("td", config.from.empty() ? "?" : config.from, "class=\"l\"") +
         element("td", is_present ? "now" : config.until, "class=\"l\"") +
         element("td", changes_list(config), "class=\"l\"") +
         element("td", std::to_string(config.cells)) +
         element("td", is_present ? "" : std::to_string(config.in_history)) +
         element("td", folder, "class=\"l\"") + "</tr>";
}

}  // namespace

std::string configs_section(const ReportContent& content) {
  const std::filesystem::path& directory = content.campaign.directory;
  if (past_folders(directory).empty()) return "";
  std::string rows;
  try {
    const std::vector<StoredConfig> configs = read_history(directory);
    if (configs.size() < 2) return "";
    for (const StoredConfig& config : configs) rows += config_row(config, directory);
  } catch (const Error& error) {
    // The results on the page are the present config's, and whole.
    return configs_box(element("p", "What was before the present config cannot be told: " +
                                        error.problems().front().text()));
  }
  return configs_box(
      "<div class=\"box\" tabindex=\"0\"><table><caption>The page shows the results of the last. "
      "Times are UTC; of each config the cells of its plan, and how many of their results left the "
      "plan with it and lie in its folder</caption><thead><tr><th scope=\"col\">config</th><th "
      "scope=\"col\" class=\"l\">from</th><th scope=\"col\" class=\"l\">until</th><th "
      "scope=\"col\" "
      "class=\"l\">what changed</th><th scope=\"col\">cells</th><th scope=\"col\">left with it</th>"
      "<th scope=\"col\" class=\"l\">folder</th></tr></thead><tbody>" +
      rows + "</tbody></table></div>");
}

}  // namespace pressroom
