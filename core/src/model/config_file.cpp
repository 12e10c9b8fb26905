#include "model/config_file.h"

#include <cmath>
#include <utility>

#include "pressroom/error.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

constexpr const char* kFixTheFile = "fix the file, or get it again";

// The word that begins at `text`, empty for another.
std::string_view float_word(std::string_view text) {
  for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
    if (text.substr(0, word.size()) == word) return word;
  }
  return {};
}

}  // namespace

std::string strict_json(std::string_view text) {
  std::string strict;
  strict.reserve(text.size());
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view word = in_string ? std::string_view() : float_word(text.substr(i));
    if (!word.empty()) {
      strict.append(1, '"').append(word).append(1, '"');
      i += word.size() - 1;
      continue;
    }
    strict += text[i];
    if (text[i] == '"') in_string = !in_string;
    // An escaped quote does not end the string.
    if (in_string && text[i] == '\\' && i + 1 < text.size()) strict += text[++i];
  }
  return strict;
}

ConfigFile::ConfigFile(const nlohmann::json& json, std::string where)
    : json_(json), where_(std::move(where)) {
  if (json_.is_object()) return;
  throw Error({"a model's config is no table of settings", where_, "a JSON object",
               json_.type_name(), "copy or download the file again"});
}

bool ConfigFile::has(const std::string& key) const {
  return json_.contains(key) && !json_[key].is_null();
}

std::int64_t ConfigFile::size(const std::string& key) const {
  if (!has(key) || !json_[key].is_number_integer() || json_[key].get<std::int64_t>() < 1 ||
      json_[key].get<std::int64_t>() > kLargestSize) {
    refuse(key, "a whole number from 1 to " + std::to_string(kLargestSize), kFixTheFile);
  }
  return json_[key].get<std::int64_t>();
}

std::int64_t ConfigFile::size(const std::string& key, std::int64_t fallback) const {
  return has(key) ? size(key) : fallback;
}

std::int64_t ConfigFile::count(const std::string& key, std::int64_t fallback) const {
  if (has(key) && json_[key] == 0) return 0;
  return size(key, fallback);
}

double ConfigFile::number(const std::string& key) const {
  if (!has(key) || !json_[key].is_number() || !(json_[key].get<double>() > 0) ||
      !std::isfinite(json_[key].get<double>())) {
    refuse(key, "a number > 0", kFixTheFile);
  }
  return json_[key].get<double>();
}

double ConfigFile::number(const std::string& key, double fallback) const {
  return has(key) ? number(key) : fallback;
}

bool ConfigFile::flag(const std::string& key, bool fallback) const {
  if (!has(key)) return fallback;
  if (!json_[key].is_boolean()) refuse(key, "true or false", kFixTheFile);
  return json_[key].get<bool>();
}

std::string ConfigFile::text(const std::string& key, const std::string& fallback) const {
  if (!has(key)) return fallback;
  return json_[key].is_string() ? json_[key].get<std::string>() : json_[key].dump();
}

ConfigFile ConfigFile::section(const std::string& key) const {
  static const nlohmann::json kNothing = nlohmann::json::object();
  if (!has(key)) return ConfigFile(kNothing, where_ + ": " + key);
  if (!json_[key].is_object()) refuse(key, "a JSON object", kFixTheFile);
  return ConfigFile(json_[key], where_ + ": " + key);
}

void ConfigFile::refuse(const std::string& key, const std::string& expected,
                        const std::string& fix) const {
  throw Error({"a model setting cannot be used", where_ + ": " + key, expected,
               json_.contains(key) ? excerpt(json_[key].dump()) : "nothing",
               fix.empty() ? "this version does not run such a model" : fix});
}

}  // namespace pressroom
