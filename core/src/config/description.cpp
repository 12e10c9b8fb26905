// The keys of a campaign that no result depends on: what is said of it, and how it is shown.
#include <algorithm>
#include <optional>
#include <string>
#include <system_error>

#include "base/file_kinds.h"
#include "config/section.h"

namespace pressroom {
namespace {

std::map<std::string, double> read_margins(SectionReader& top, const ReadContext& context) {
  std::map<std::string, double> margins;
  const YamlNode* map =
      mapping_under(top, "margins", "write \"margins: {exact_match: 0.02}\"", context);
  if (map == nullptr) return margins;
  for (const YamlEntry& entry : map->entries) {
    const auto margin = read_value("\"margins." + entry.key + '"', top.declared("margins").spec,
                                   entry.value, context);
    if (!margin) continue;
    const double value = std::get<double>(*margin);
    if (value <= 0) {
      context.problems.add(entry.value.place, "a margin of 0 is never met", "a number above 0",
                           describe(entry.value), "leave it out: there is no such test then");
    }
    margins[entry.key] = value;
  }
  return margins;
}

// A label that no method has would leave nothing out, and nobody would notice.
void check_labels(const std::vector<std::string>& labels, const YamlNode& node,
                  const std::vector<PluginUse>& methods, const ReadContext& context) {
  std::vector<std::string> known;
  std::string listed;
  for (const PluginUse& method : methods) {
    known.push_back(method.label);
    listed += (listed.empty() ? "" : ", ") + method.label;
  }
  for (const std::string& label : labels) {
    if (std::find(known.begin(), known.end(), label) != known.end()) continue;
    const std::string close = closest_match(label, known);
    context.problems.add(
        node.place, "no method is called \"" + label + '"', listed, label,
        close.empty() ? "use the label of a method" : "did you mean \"" + close + "\"?");
  }
}

void read_figures(SectionReader& top, const ReadContext& context, CampaignConfig& config) {
  const YamlNode* report =
      mapping_under(top, "report", "write \"report: {figures: {without: [random]}}\"", context);
  if (report == nullptr) return;
  SectionReader section(*report, "report", context);
  const YamlNode* node =
      mapping_under(section, "figures", "write \"figures: {without: [random]}\"", context);
  if (node == nullptr) return;
  SectionReader figures(*node, "report.figures", context);
  CampaignDescription& said = config.description;
  said.without = figures.list<std::string>("without");
  said.formats = figures.list<std::string>("formats");
  if (!said.without.empty()) {
    check_labels(said.without, *figures.node("without"), config.methods, context);
  }
}

// Absolute. A folder that is not there would be passed over in the search, and the plugins in it
// be told as unknown.
std::vector<std::string> read_plugin_dirs(SectionReader& top, const ReadContext& context) {
  std::vector<std::string> folders;
  if (top.list<std::string>("plugin_dirs").empty()) return folders;
  for (const YamlNode* item : items_of(*top.node("plugin_dirs"))) {
    const std::optional<std::string> folder = read_string(*item).value;
    if (!folder) continue;
    folders.push_back(context.resolved(*folder, item->place));
    std::error_code failed;
    const PathKind kind = kind_at(folders.back(), failed);
    if (kind == PathKind::kFolder) continue;
    context.problems.add(item->place, "a folder of plugins is not there", "a folder",
                         folders.back() + ": " + words_of(kind, failed),
                         std::string("check the path; it starts at the ") +
                             (item->place.source > 0 ? "current folder" : "folder of the config"));
  }
  return folders;
}

}  // namespace

void read_description(SectionReader& top, const ReadContext& context, CampaignConfig& config) {
  CampaignDescription& said = config.description;
  said.notes = top.value<std::string>("notes");
  said.tags = top.list<std::string>("tags");
  said.columns = top.list<std::string>("columns");
  said.margins = read_margins(top, context);
  read_figures(top, context, config);
  config.plugin_dirs = read_plugin_dirs(top, context);
  config.on_end = top.value<std::string>("on_end");
}

}  // namespace pressroom
