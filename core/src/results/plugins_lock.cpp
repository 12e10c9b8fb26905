#include "results/plugins_lock.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/json_text.h"
#include "base/strict_json.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "base/whole_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

const JsonRules& rules_of_locks() {
  static const JsonRules rules = {
      "the lock", kMostLockBytes, 3,
      "take it from where it came once more, or run the campaign without --locked, which writes it",
      "lock fewer plugins"};
  return rules;
}

// A text of one line that a terminal can show.
std::string line_of(const StrictObject& object, const char* key) {
  std::string text = object.text(key);
  if (text.empty() || printable_line(text) != text) {
    object.refuse(key, "the lock has a text that cannot be shown",
                  "a line that a terminal can show");
  }
  return text;
}

std::string optional_line(const StrictObject& object, const char* key) {
  return object.has(key) ? line_of(object, key) : "";
}

std::string hash_of(const StrictObject& object, const char* key) {
  std::string text = object.text(key);
  if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    object.refuse(key, "the lock has a hash that is none", "64 lower-case hex digits");
  }
  return text;
}

std::string one_of(const StrictObject& object, const char* key,
                   const std::vector<std::string>& words) {
  std::string text = object.text(key);
  if (std::find(words.begin(), words.end(), text) == words.end()) {
    object.refuse(key, "the lock has an unknown word", joined(words));
  }
  return text;
}

std::string name_of_plugin(const StrictObject& object) {
  std::string text = object.text("name");
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789_";
  const bool begins = !text.empty() && 'a' <= text[0] && text[0] <= 'z';
  if (!begins || text.find_first_not_of(kLetters) != std::string::npos) {
    object.refuse("name", "the lock has a name that no plugin can have",
                  "lower-case letters, digits and underscores, starting with a letter");
  }
  return text;
}

// Said twice, so that whoever reads the file sees it; it may not say two things.
void check_unsigned(const StrictObject& object, const LockedPlugin& plugin) {
  const bool is_said = object.has("unsigned");
  if (is_said && !(object.flag("unsigned") && plugin.is_unsigned())) {
    object.refuse("unsigned", "the lock contradicts itself",
                  "true where there is no key of a bundle, and no such word elsewhere");
  }
  if (is_said || !plugin.is_unsigned()) return;
  object.refuse("bundle_sha256", "the lock contradicts itself",
                "a key, or \"unsigned\": true, beside a bundle");
}

LockedPlugin plugin_of(const StrictObject& object) {
  object.allow_keys({"kind", "name", "version", "file_sha256", "origin", "bundle_sha256",
                     "repository", "location", "key", "unsigned"});
  LockedPlugin plugin;
  plugin.kind = one_of(object, "kind", {"method", "dataset", "metric"});
  plugin.name = name_of_plugin(object);
  plugin.version = line_of(object, "version");
  plugin.file_sha256 = hash_of(object, "file_sha256");
  plugin.origin = one_of(object, "origin", {kBuiltIn, kFromFolder, kFromBundle});
  if (plugin.origin == kFromBundle) {
    plugin.bundle_sha256 = hash_of(object, "bundle_sha256");
    plugin.repository = optional_line(object, "repository");
    plugin.location = optional_line(object, "location");
    plugin.key = optional_line(object, "key");
  } else {
    for (const char* key : {"bundle_sha256", "repository", "location", "key"}) {
      if (!object.has(key)) continue;
      object.refuse(key, "the lock contradicts itself", "nothing: the plugin is of no bundle");
    }
  }
  check_unsigned(object, plugin);
  return plugin;
}

void sort_and_check(std::vector<LockedPlugin>& plugins, const std::string& where) {
  const auto who = [](const LockedPlugin& plugin) {
    return std::tie(plugin.kind, plugin.name, plugin.version);
  };
  std::sort(plugins.begin(), plugins.end(),
            [&](const LockedPlugin& a, const LockedPlugin& b) { return who(a) < who(b); });
  const auto twice = std::adjacent_find(
      plugins.begin(), plugins.end(),
      [&](const LockedPlugin& a, const LockedPlugin& b) { return who(a) == who(b); });
  if (twice == plugins.end()) return;
  throw Error({"the lock names a plugin twice", where, "every kind, name and version once",
               twice->kind + ' ' + twice->name + ' ' + twice->version, rules_of_locks().fix});
}

}  // namespace

std::string plugins_lock_text(const PluginsLock& lock) {
  Json json = {{"schema", kLockSchema}, {"pressroom", lock.pressroom}, {"variant", lock.variant}};
  json["plugins"] = Json::array();
  for (const LockedPlugin& plugin : lock.plugins) {
    Json one = {{"kind", plugin.kind},
                {"name", plugin.name},
                {"version", plugin.version},
                {"file_sha256", plugin.file_sha256},
                {"origin", plugin.origin}};
    const auto add = [&one](const char* key, const std::string& value) {
      if (!value.empty()) one[key] = value;
    };
    add("bundle_sha256", plugin.bundle_sha256);
    add("repository", plugin.repository);
    add("location", plugin.location);
    add("key", plugin.key);
    if (plugin.is_unsigned()) one["unsigned"] = true;
    json["plugins"].push_back(std::move(one));
  }
  return json_text(json, 1);
}

PluginsLock parse_plugins_lock(std::string_view text, const std::string& where) {
  const JsonRules& rules = rules_of_locks();
  const nlohmann::json json = parse_strict_json(text, rules, where);
  const StrictObject object(json, rules, where);
  // First: of another version nothing else can be judged.
  if (object.text("schema") != kLockSchema) {
    object.refuse("schema", "the lock is of another version", kLockSchema,
                  "use the version of Pressroom that wrote it");
  }
  object.allow_keys({"schema", "pressroom", "variant", "plugins"});
  PluginsLock lock;
  lock.pressroom = line_of(object, "pressroom");
  lock.variant = line_of(object, "variant");
  for (const StrictObject& plugin : object.objects("plugins")) {
    lock.plugins.push_back(plugin_of(plugin));
  }
  sort_and_check(lock.plugins, where);
  return lock;
}

PluginsLock read_plugins_lock(const std::filesystem::path& file) {
  std::error_code ignored;
  const std::uintmax_t size = std::filesystem::file_size(file, ignored);
  std::string why;
  std::optional<std::string> text;
  if (!ignored && size > kMostLockBytes) {
    why = std::to_string(size) + " bytes";
  } else {
    text = read_regular_file(file, why);
  }
  if (text) return parse_plugins_lock(*text, file.string());
  throw Error({"the lock cannot be read", file.string(),
               "a file of at most " + std::to_string(kMostLockBytes) + " bytes", why,
               rules_of_locks().fix});
}

}  // namespace pressroom
