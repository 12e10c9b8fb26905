#include "results/plugins_lock.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/json_text.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "base/whole_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kFixLock =
    "take it from where it came once more, or run the campaign without --locked, which writes it";
constexpr int kDeepestLock = 3;

constexpr std::array kLockKeys = {"schema", "pressroom", "variant", "plugins"};
constexpr std::array kPluginKeys = {"kind",   "name",          "version",    "file_sha256",
                                    "origin", "bundle_sha256", "repository", "location",
                                    "key",    "unsigned"};

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_name_of_plugin(const std::string& text) {
  constexpr const char* kLetters = "abcdefghijklmnopqrstuvwxyz";
  constexpr const char* kRest = "abcdefghijklmnopqrstuvwxyz0123456789_";
  return !text.empty() && std::string(kLetters).find(text[0]) != std::string::npos &&
         text.find_first_not_of(kRest) == std::string::npos;
}

// A text of one line that a terminal can show.
bool is_shown_as_it_is(const std::string& text) {
  return printable(text) == text && text.find('\n') == std::string::npos;
}

// The JSON of a lock, read strictly.
class LockReader {
 public:
  explicit LockReader(std::string where) : where_(std::move(where)) {}

  PluginsLock read(std::string_view text) {
    const Json json = parse(text);
    place_.clear();
    allow_keys(json, kLockKeys);
    const std::string schema = text_of(json, "schema");
    if (schema != kLockSchema) {
      fail("the lock is of another version", "schema", kLockSchema, schema,
           "use the version of Pressroom that wrote it");
    }
    PluginsLock lock;
    lock.pressroom = text_of(json, "pressroom");
    lock.variant = text_of(json, "variant");
    const Json& plugins = value_of(json, "plugins");
    if (!plugins.is_array()) refuse("plugins", "a list", plugins);
    for (std::size_t i = 0; i < plugins.size(); ++i) {
      place_ = "plugins[" + std::to_string(i) + "]";
      lock.plugins.push_back(plugin(plugins[i]));
    }
    place_.clear();
    sort_and_check(lock.plugins);
    return lock;
  }

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& key,
                         const std::string& expected, const std::string& got,
                         const std::string& fix = kFixLock) const {
    const std::string in = place_ + (place_.empty() || key.empty() ? "" : ".") + key;
    throw Error({what, in.empty() ? where_ : where_ + ": " + in, expected, excerpt(got), fix});
  }
  [[noreturn]] void refuse(const std::string& key, const std::string& expected,
                           const Json& got) const {
    fail("the lock cannot be read", key, expected, json_line(got));
  }

  static std::string excerpt(const std::string& text) {
    constexpr std::size_t kMostShown = 100;
    return text.size() <= kMostShown ? text : text.substr(0, kMostShown) + "...";
  }

  Json parse(std::string_view text) const {
    if (text.size() > kMostLockBytes) {
      fail("the lock is too long", "", "at most " + std::to_string(kMostLockBytes) + " bytes",
           std::to_string(text.size()));
    }
    // The library takes it for the end, whatever follows.
    if (text.find('\0') != std::string_view::npos) {
      fail("the lock cannot be read", "", "JSON", "a zero byte");
    }
    std::vector<std::set<std::string>> open_objects;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth > kDeepestLock) {
        fail("the lock cannot be read", "", "lists and objects as a lock has them", "deep nesting");
      }
      if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
      if (event == Json::parse_event_t::object_end) open_objects.pop_back();
      // nlohmann keeps one of two equal keys without a word, and programs differ in which.
      if (event == Json::parse_event_t::key &&
          !open_objects.back().insert(parsed.get<std::string>()).second) {
        fail("the lock cannot be read", "", "every key once", json_line(parsed) + " twice");
      }
      return true;
    };
    try {
      return Json::parse(text.begin(), text.end(), watch);
    } catch (const Json::exception& error) {
      fail("the lock cannot be read", "", "JSON", error.what());
    }
  }

  template <typename Keys>
  void allow_keys(const Json& object, const Keys& keys) const {
    if (!object.is_object()) refuse("", "an object", object);
    for (const auto& item : object.items()) {
      const std::string& key = item.key();
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      fail("unknown key in the lock", "",
           joined(std::vector<std::string>(keys.begin(), keys.end())), key);
    }
  }

  const Json& value_of(const Json& object, const char* key) const {
    const auto found = object.find(key);
    if (found == object.end()) fail("a key is missing in the lock", key, "a value", "nothing");
    return *found;
  }

  std::string text_of(const Json& object, const char* key) const {
    const Json& value = value_of(object, key);
    if (!value.is_string()) refuse(key, "a text", value);
    const auto text = value.get<std::string>();
    if (text.empty() || !is_shown_as_it_is(text)) {
      refuse(key, "a line of text that a terminal can show", value);
    }
    return text;
  }
  std::string optional_text(const Json& object, const char* key) const {
    return object.contains(key) ? text_of(object, key) : "";
  }
  std::string hash_of(const Json& object, const char* key) const {
    const std::string text = text_of(object, key);
    if (!is_sha256(text)) fail("the lock cannot be read", key, "64 lower-case hex digits", text);
    return text;
  }
  std::string one_of(const Json& object, const char* key,
                     const std::vector<std::string>& words) const {
    const std::string text = text_of(object, key);
    if (std::find(words.begin(), words.end(), text) == words.end()) {
      fail("the lock cannot be read", key, joined(words), text);
    }
    return text;
  }

  LockedPlugin plugin(const Json& json) const {
    allow_keys(json, kPluginKeys);
    LockedPlugin plugin;
    plugin.kind = one_of(json, "kind", {"method", "dataset", "metric"});
    plugin.name = text_of(json, "name");
    if (!is_name_of_plugin(plugin.name)) {
      fail("the lock cannot be read", "name",
           "lower-case letters, digits and underscores, starting with a letter", plugin.name);
    }
    plugin.version = text_of(json, "version");
    plugin.file_sha256 = hash_of(json, "file_sha256");
    plugin.origin = one_of(json, "origin", {kBuiltIn, kFromFolder, kFromBundle});
    if (plugin.origin == kFromBundle) {
      plugin.bundle_sha256 = hash_of(json, "bundle_sha256");
      plugin.repository = optional_text(json, "repository");
      plugin.location = optional_text(json, "location");
      plugin.key = optional_text(json, "key");
    } else {
      for (const char* key : {"bundle_sha256", "repository", "location", "key"}) {
        if (json.contains(key)) refuse(key, "nothing: the plugin is of no bundle", json[key]);
      }
    }
    // Said twice, so that whoever reads the file sees it; it may not say two things.
    const bool is_said = json.contains("unsigned");
    if (is_said != plugin.is_unsigned() || (is_said && json["unsigned"] != true)) {
      fail("the lock contradicts itself", "unsigned",
           plugin.is_unsigned() ? "true, as there is no key" : "nothing: only a bundle without key",
           is_said ? json_line(json["unsigned"]) : "nothing");
    }
    return plugin;
  }

  void sort_and_check(std::vector<LockedPlugin>& plugins) const {
    const auto who = [](const LockedPlugin& plugin) {
      return std::tie(plugin.kind, plugin.name, plugin.version);
    };
    std::sort(plugins.begin(), plugins.end(),
              [&](const LockedPlugin& a, const LockedPlugin& b) { return who(a) < who(b); });
    const auto twice = std::adjacent_find(
        plugins.begin(), plugins.end(),
        [&](const LockedPlugin& a, const LockedPlugin& b) { return who(a) == who(b); });
    if (twice == plugins.end()) return;
    fail("the lock names a plugin twice", "", "every kind, name and version once",
         twice->kind + ' ' + twice->name + ' ' + twice->version);
  }

  std::string where_;
  std::string place_;  // in the JSON
};

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
  return LockReader(where).read(text);
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
               "a file of at most " + std::to_string(kMostLockBytes) + " bytes", why, kFixLock});
}

}  // namespace pressroom
