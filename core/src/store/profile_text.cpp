#include "store/profile_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/json_text.h"
#include "base/sha256.h"
#include "base/strict_json.h"
#include "base/utf8.h"
#include "bundle/member_path.h"
#include "pressroom/error.h"
#include "store/generations.h"
#include "store/unpacked_bundle.h"

namespace pressroom {
namespace {

using ProfileJson = nlohmann::ordered_json;  // keeps the order of keys

constexpr std::size_t kMostLocationBytes = 4096;
constexpr std::size_t kMostLineBytes = 1000;

const JsonRules& profile_rules() {
  static const JsonRules rules = {"the profile of installed plugins", kMostProfileBytes, 3,
                                  "run `pressroom plugin rollback`",
                                  "remove plugins that nobody needs: pressroom plugin remove NAME"};
  return rules;
}

PluginKind installed_kind(const StrictObject& object) {
  const std::string word = object.text("kind");
  for (const PluginKind kind : {PluginKind::kMethod, PluginKind::kDataset, PluginKind::kMetric}) {
    if (word == to_string(kind)) return kind;
  }
  object.refuse("kind", "the plugin is of an unknown kind", "method, dataset or metric");
}

std::string name_of_plugin(const StrictObject& object) {
  constexpr std::size_t kLongestName = 128;
  std::string name = object.text("name");
  if (is_plain_name(name) && name.size() <= kLongestName) return name;
  object.refuse("name", "this is no name of a plugin",
                "at most 128 lower-case letters, digits and underscores, starting with a letter");
}

Version installed_version(const StrictObject& object) {
  const std::optional<Version> version = parse_version(object.text("version"));
  if (version) return *version;
  object.refuse("version", "this is no version", "MAJOR.MINOR.PATCH, as in 1.0.0: plain numbers");
}

std::string hash_in(const StrictObject& object, const std::string& key) {
  std::string hash = object.text(key);
  if (is_sha256(hash)) return hash;
  object.refuse(key, "this is no SHA-256", "64 lower-case hex digits");
}

std::string shown_line(const StrictObject& object, const std::string& key, std::size_t most_bytes) {
  std::string line = object.text(key);
  if (line.size() <= most_bytes && printable_line(line) == line) return line;
  object.refuse(key, "this is not one line of text",
                "at most " + std::to_string(most_bytes) + " bytes without control characters");
}

std::string golden_of(const StrictObject& object) {
  std::string golden = object.text("golden");
  if (golden == kGoldenPassed || golden == kGoldenNotRun) return golden;
  object.refuse("golden", "this does not say whether golden's answers were right",
                std::string(kGoldenPassed) + " or " + kGoldenNotRun);
}

// The one form it has, so that it leads nowhere but into the plugin's bundle.
std::string file_in_store(const StrictObject& object, const InstalledPlugin& plugin) {
  std::string file = object.text("file");
  const std::string start = "store/" + plugin.bundle_sha256 + "/" +
                            (plugin.built_here ? std::string(kBuiltFolder) + "/" : kVariantsFolder);
  const std::string end = "/" + plugin.name + ".so";
  if (file.size() > start.size() + end.size() && file.compare(0, start.size(), start) == 0) {
    const std::string below = kVariantsFolder + file.substr(start.size());
    const std::optional<VariantPath> parts = variant_path(below);
    if (parts && is_variant(parts->variant) && parts->name == plugin.name) return file;
  }
  object.refuse("file", "this is no file of the plugin in the store", start + "VARIANT" + end);
}

InstalledPlugin installed_plugin(const StrictObject& object) {
  object.allow_keys({"kind", "name", "version", "bundle_sha256", "file_sha256", "file",
                     "built_here", "repository", "location", "key", "golden"});
  InstalledPlugin plugin;
  plugin.kind = installed_kind(object);
  plugin.name = name_of_plugin(object);
  plugin.version = installed_version(object);
  plugin.bundle_sha256 = hash_in(object, "bundle_sha256");
  plugin.file_sha256 = hash_in(object, "file_sha256");
  plugin.built_here = object.flag("built_here");
  plugin.file = file_in_store(object, plugin);
  plugin.repository = shown_line(object, "repository", kMostLineBytes);
  plugin.location = shown_line(object, "location", kMostLocationBytes);
  plugin.key = shown_line(object, "key", kMostLineBytes);
  plugin.golden = golden_of(object);
  return plugin;
}

ProfileJson plugin_json(const InstalledPlugin& plugin) {
  return {{"kind", to_string(plugin.kind)},
          {"name", plugin.name},
          {"version", plugin.version.text()},
          {"bundle_sha256", plugin.bundle_sha256},
          {"file_sha256", plugin.file_sha256},
          {"file", plugin.file},
          {"built_here", plugin.built_here},
          {"repository", plugin.repository},
          {"location", plugin.location},
          {"key", plugin.key},
          {"golden", plugin.golden}};
}

}  // namespace

std::string profile_text(const Profile& profile, const std::string& where) {
  ProfileJson json = {{"schema", kProfileSchema},
                      {"generation", profile.generation},
                      {"previous", profile.previous},
                      {"made_by", profile.made_by}};
  json["plugins"] = ProfileJson::array();
  for (const InstalledPlugin& plugin : profile.plugins) {
    json["plugins"].push_back(plugin_json(plugin));
  }
  std::string text = json_text(json);
  parse_profile(text, where);
  return text;
}

Profile parse_profile(std::string_view text, const std::string& where) {
  const nlohmann::json json = parse_strict_json(text, profile_rules(), where);
  const StrictObject object(json, profile_rules(), where);
  // First: of another version, every key may be another.
  if (object.text("schema") != kProfileSchema) {
    object.refuse("schema", "the profile is of another version of the format", kProfileSchema,
                  "use the Pressroom that wrote it, or set PRESSROOM_HOME to another folder");
  }
  object.allow_keys({"schema", "generation", "previous", "made_by", "plugins"});
  Profile profile;
  profile.generation = object.whole_number("generation");
  if (profile.generation < 1) {
    object.refuse("generation", "this is no generation", "1 or more");
  }
  profile.previous = object.whole_number("previous");
  if (profile.previous < 0 || profile.previous >= profile.generation) {
    object.refuse("previous", "this is no earlier generation", "one below \"generation\", or 0");
  }
  profile.made_by = shown_line(object, "made_by", kMostLineBytes);
  for (const StrictObject& entry : object.objects("plugins")) {
    const std::size_t before = profile.plugins.size();
    profile.add(installed_plugin(entry));
    if (profile.plugins.size() == before) {
      entry.refuse("name", "a version of a plugin is installed twice", "every version once");
    }
  }
  return profile;
}

}  // namespace pressroom
