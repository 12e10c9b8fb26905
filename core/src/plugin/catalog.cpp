#include "plugin/catalog.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "base/strings.h"
#include "plugin/manifest.h"
#include "plugin/plugin_file.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// What is called *.so in `folder`, sorted by name. What is no file is refused by who reads it.
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

// One file, or two with the same content: a plugin that was built and then installed.
bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  if (fs::equivalent(a, b, error) && !error) return true;
  const PluginFile first(a);
  const PluginFile second(b);
  return first.bytes() == second.bytes() && first.sha256() == second.sha256();
}

Problem duplicate(const std::vector<PluginRecord>& offers) {
  std::vector<std::string> files;
  for (const PluginRecord& offer : offers) files.push_back(offer.file.string());
  return {
      quoted_label(offers.front().kind, offers.front().name) + " is offered by more than one file",
      files.front(), "one file for each name", joined(files),
      "remove all but one, or leave a folder out of the search path"};
}

}  // namespace

PluginCatalog::PluginCatalog(std::vector<fs::path> folders) : folders_(std::move(folders)) {
  std::map<Key, std::vector<PluginRecord>> offers;
  for (const fs::path& folder : folders_) {
    for (const fs::path& file : shared_objects(folder, refused_)) {
      try {
        PluginRecord record = read_manifest(file);
        std::vector<PluginRecord>& same_name = offers[{record.kind, record.name}];
        const bool seen =
            std::any_of(same_name.begin(), same_name.end(),
                        [&](const PluginRecord& other) { return same_file(other.file, file); });
        if (!seen) same_name.push_back(std::move(record));
      } catch (const Error& error) {
        refused_.insert(refused_.end(), error.problems().begin(), error.problems().end());
      }
    }
  }
  // A plugin that does not fit still holds its name: taking another file in its place would give
  // an answer to a question nobody asked.
  for (auto& [key, records] : offers) {
    const std::optional<Problem> problem =
        records.size() > 1 ? duplicate(records) : incompatibility(records.front());
    if (!problem) {
      records_.push_back(std::move(records.front()));
      continue;
    }
    reasons_.emplace(key, *problem);
    refused_.push_back(*problem);
  }
}

const PluginRecord& PluginCatalog::find(PluginKind kind, const std::string& name) const {
  const auto found = std::find_if(
      records_.begin(), records_.end(),
      [&](const PluginRecord& record) { return record.kind == kind && record.name == name; });
  if (found != records_.end()) return *found;
  const auto reason = reasons_.find({kind, name});
  if (reason != reasons_.end()) throw Error(reason->second);
  // A file too broken to say who it is has only its file name to go by.
  const std::string stem = std::string("pressroom_") + to_string(kind) + "_" + name;
  for (const Problem& problem : refused_) {
    if (fs::path(problem.where).stem() == stem) throw Error(problem);
  }
  throw Error(unknown(kind, name));
}

Problem PluginCatalog::unknown(PluginKind kind, const std::string& name) const {
  const std::string word = to_string(kind);
  std::vector<std::string> known;
  std::string other_kind;
  for (const PluginRecord& record : records_) {
    if (record.kind == kind) known.push_back(record.name);
    if (record.kind != kind && record.name == name) other_kind = to_string(record.kind);
  }
  std::vector<std::string> folders;
  for (const fs::path& folder : folders_) folders.push_back(folder.string());

  const std::string close = closest_match(name, known);
  std::string fix = "add its folder with --plugin-dir or PRESSROOM_PLUGIN_PATH";
  if (!folders.empty()) fix += "; looked in " + joined(folders);
  if (!close.empty()) fix = "did you mean \"" + close + "\"?";
  if (!other_kind.empty()) fix = "use \"" + name + "\" as what it is, a " + other_kind;
  return {"no " + word + " is called \"" + name + '"', "",
          known.empty() ? "an installed " + word : joined(known), name, fix};
}

}  // namespace pressroom
