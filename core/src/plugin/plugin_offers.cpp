#include "plugin/plugin_offers.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "plugin/plugin_file.h"

namespace pressroom {

namespace fs = std::filesystem;

std::vector<fs::path> shared_objects(const fs::path& folder, std::vector<Problem>& refused) {
  std::vector<fs::path> files;
  std::error_code error;
  if (!fs::is_directory(folder, error)) return files;
  fs::directory_iterator entry(folder, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".so") files.push_back(entry->path());
  }
  if (error) {
    refused.push_back({"the plugin folder cannot be read", folder.string(), "a readable folder", "",
                       "check its permissions"});
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error) && !error) return true;
  const PluginFile first(a);
  const PluginFile second(b);
  return first.bytes() == second.bytes() && first.sha256() == second.sha256();
}

Problem duplicate(const std::vector<PluginRecord>& offers) {
  std::vector<std::string> files;
  files.reserve(offers.size());
  for (const PluginRecord& offer : offers) files.push_back(offer.file.string());
  return {
      quoted_label(offers.front().kind, offers.front().name) + " is offered by more than one file",
      files.front(), "one file for each name", joined(files),
      "remove all but one, or leave a folder out of the search path"};
}

PluginRecord record_of(const VouchedPlugin& plugin) {
  PluginRecord record;
  record.kind = plugin.kind;
  record.name = plugin.name;
  record.version = plugin.version;
  record.file = plugin.file;
  record.origin = plugin.origin;
  record.vouched_sha256 = plugin.file_sha256;
  return record;
}

PluginRecord read_vouched(const VouchedPlugin& plugin) {
  const std::string label = quoted_label(plugin.kind, plugin.name) + ' ' + plugin.version;
  const std::string fix =
      "pressroom plugin verify says what is damaged; pressroom plugin install " + plugin.name +
      '@' + plugin.version + " puts it back";
  std::error_code error;
  if (!fs::exists(plugin.file, error)) {
    throw Error({"the file of " + label + ", which is installed, is missing", plugin.file.string(),
                 "the file that was installed", error ? error.message() : "no such file", fix});
  }
  PluginRecord record = read_manifest(plugin.file);
  const auto who = [](PluginKind kind, const std::string& name, const std::string& version) {
    return quoted_label(kind, name) + ' ' + version;
  };
  const std::string found = who(record.kind, record.name, record.version);
  if (found != label) {
    throw Error({"the file of " + label + " is that of another plugin", plugin.file.string(), label,
                 found, fix});
  }
  record.origin = plugin.origin;
  record.vouched_sha256 = plugin.file_sha256;
  return record;
}

}  // namespace pressroom
