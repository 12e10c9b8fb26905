#include "bundle/manifest_object.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/strings.h"
#include "bundle/bundle_manifest.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr const char* kUnusable = "the bundle's manifest cannot be read";
constexpr const char* kMakeItAgain = "get the bundle again, or have it made again";
constexpr int kDeepestNesting = 4;  // a manifest has three levels

// The start of a value or of a library's message.
std::string manifest_excerpt(const std::string& text) {
  constexpr std::size_t kMostBytes = 100;
  return text.size() <= kMostBytes ? text : text.substr(0, kMostBytes) + "...";
}

std::string shown(const nlohmann::json& json) {
  return manifest_excerpt(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace

void refuse_long_manifest(std::string_view text, const std::string& where) {
  if (text.size() <= kMostManifestBytes) return;
  throw Error({"the bundle's manifest is too long", where,
               "at most " + std::to_string(kMostManifestBytes) + " bytes",
               std::to_string(text.size()), "put fewer files into the bundle"});
}

nlohmann::json parse_manifest_json(std::string_view text, const std::string& where) {
  refuse_long_manifest(text, where);
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw Error({kUnusable, where, expected, got, kMakeItAgain});
  };
  // The library takes it for the end, whatever follows.
  if (text.find('\0') != std::string_view::npos) refuse("JSON", "a zero byte");
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using Event = nlohmann::json::parse_event_t;
    if (depth > kDeepestNesting) refuse("lists and objects as a manifest has them", "deep nesting");
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    // nlohmann keeps the last of two equal keys without a word.
    if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      refuse("every key once", shown(parsed) + " twice in one object");
    }
    return true;
  };
  try {
    return nlohmann::json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& error) {
    refuse("JSON", manifest_excerpt(error.what()));
  }
  return {};
}

ManifestObject::ManifestObject(const nlohmann::json& json, std::string where, std::string place)
    : json_(json), where_(std::move(where)), place_(std::move(place)) {
  if (json_.is_object()) return;
  throw Error({kUnusable, place_.empty() ? where_ : where_ + ": " + place_, "an object",
               shown(json_), kMakeItAgain});
}

void ManifestObject::allow_keys(const std::vector<std::string>& keys) const {
  for (const auto& [key, value] : json_.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string meant = closest_match(key, keys);
    throw Error({"unknown key \"" + manifest_excerpt(key) + '"',
                 place_.empty() ? where_ : where_ + ": " + place_, joined(keys),
                 manifest_excerpt(key),
                 meant.empty() ? kMakeItAgain : "did you mean \"" + meant + "\"?"});
  }
}

bool ManifestObject::has(const std::string& key) const { return json_.contains(key); }

std::string ManifestObject::text(const std::string& key) const {
  if (!value(key).is_string()) refuse_type(key, "a text");
  return value(key).get<std::string>();
}

bool ManifestObject::flag(const std::string& key) const {
  if (!value(key).is_boolean()) refuse_type(key, "true or false");
  return value(key).get<bool>();
}

std::int64_t ManifestObject::whole_number(const std::string& key) const {
  const nlohmann::json& number = value(key);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  // 12.0 is no whole number here, and neither is one that would wrap around.
  if (!number.is_number_integer() ||
      (number.is_number_unsigned() && number.get<std::uint64_t>() > kMost)) {
    refuse_type(key, "a whole number");
  }
  return number.get<std::int64_t>();
}

std::vector<std::string> ManifestObject::texts(const std::string& key) const {
  const nlohmann::json& list = value(key);
  const auto is_text = [](const nlohmann::json& element) { return element.is_string(); };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_text)) {
    refuse_type(key, "a list of texts");
  }
  return list.get<std::vector<std::string>>();
}

ManifestObject ManifestObject::object(const std::string& key) const {
  return {value(key), where_, place_of(key)};
}

std::vector<ManifestObject> ManifestObject::objects(const std::string& key) const {
  const nlohmann::json& list = value(key);
  if (!list.is_array()) refuse_type(key, "a list");
  std::vector<ManifestObject> objects;
  for (std::size_t i = 0; i < list.size(); ++i) {
    objects.emplace_back(list[i], where_, place_of(key) + '[' + std::to_string(i) + ']');
  }
  return objects;
}

void ManifestObject::refuse(const std::string& key, const std::string& what,
                            const std::string& expected, const std::string& fix) const {
  throw Error({what, where_ + ": " + place_of(key), expected, shown(value(key)),
               fix.empty() ? kMakeItAgain : fix});
}

const nlohmann::json& ManifestObject::value(const std::string& key) const {
  const auto found = json_.find(key);
  if (found != json_.end()) return *found;
  throw Error({"a key is missing", where_ + ": " + place_of(key), "a value for it", "nothing",
               kMakeItAgain});
}

void ManifestObject::refuse_type(const std::string& key, const std::string& expected) const {
  refuse(key, kUnusable, expected);
}

std::string ManifestObject::place_of(const std::string& key) const {
  return place_.empty() ? key : place_ + '.' + key;
}

}  // namespace pressroom
