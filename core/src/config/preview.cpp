#include "config/preview.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "config/overrides.h"
#include "config/schema.h"
#include "config/values.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// The strings under `key`, a list or one.
std::vector<std::pair<std::string, YamlPlace>> strings_under(const YamlNode& root,
                                                             const char* key) {
  std::vector<std::pair<std::string, YamlPlace>> strings;
  const YamlEntry* entry = root.find(key);
  if (entry == nullptr) return strings;
  for (const YamlNode* item : items_of(entry->value)) {
    if (const auto text = read_string(*item).value) strings.emplace_back(*text, item->place);
  }
  return strings;
}

std::string string_under(const YamlNode& root, const char* key) {
  const YamlEntry* entry = root.find(key);
  return entry == nullptr ? "" : read_string(entry->value).value.value_or("");
}

}  // namespace

std::filesystem::path CampaignPreview::usual_directory() const {
  if (is_file_name(name)) return std::filesystem::path("results") / name;
  throw Error({"the campaign has no name that could be that of a folder", file.string(), kFileName,
               name.empty() ? "none" : name, "add \"name: ...\" to it"});
}

CampaignPreview preview_campaign(const std::filesystem::path& file,
                                 const std::vector<Override>& overrides) {
  CampaignPreview preview;
  preview.file = file;
  ProblemList others;
  YamlNode root = parse_yaml(YamlText::read(file), others);
  if (root.kind != YamlKind::kMap) return preview;
  apply_when_model(root, overrides, exclusive_config_keys(), others);
  apply_overrides(root, overrides, exclusive_config_keys(), others);
  const ReadContext context{others, std::filesystem::absolute(file).parent_path(),
                            std::filesystem::current_path()};
  preview.name = string_under(root, "name");
  for (const auto& [tag, place] : strings_under(root, "tags")) preview.tags.push_back(tag);
  for (const auto& [folder, place] : strings_under(root, "plugin_dirs")) {
    const std::filesystem::path path = context.resolved(folder, place);
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) preview.plugin_dirs.push_back(path);
  }
  preview.on_end = string_under(root, "on_end");
  return preview;
}

}  // namespace pressroom
