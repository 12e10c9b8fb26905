// A config.json as Python writes it: its text as JSON, and its settings with the place of every
// mistake in the message.
//
//   const nlohmann::json json = nlohmann::json::parse(strict_json(text));
//   const ConfigFile config(json, "model/config.json");
//   config.size("num_hidden_layers");       // 24, or an Error that names file and key
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace pressroom {

// `text` with each NaN, Infinity and -Infinity, which Python writes for floats and JSON does not
// have, as a string of that name: whoever asks for a number there is told what stands in its place.
// What is malformed otherwise stays so.
//
//   strict_json(R"({"limit": [0.0, Infinity]})");   // {"limit": [0.0, "Infinity"]}
std::string strict_json(std::string_view text);

// The settings of one object of the file.
class ConfigFile {
 public:
  // `where` names the file. Throws Error when `json` is no object. Borrows `json`.
  ConfigFile(const nlohmann::json& json, std::string where);

  // Far above any model's sizes, and products of two of them do not overflow.
  static constexpr std::int64_t kLargestSize = 1 << 24;

  // A key that is absent and one that is null are the same.
  bool has(const std::string& key) const;

  // Each throws Error for a value of another type or range; without a fallback, for a missing one.
  std::int64_t size(const std::string& key) const;  // from 1 to kLargestSize
  std::int64_t size(const std::string& key, std::int64_t fallback) const;
  std::int64_t count(const std::string& key, std::int64_t fallback) const;  // as size, or 0
  double number(const std::string& key) const;                              // > 0
  double number(const std::string& key, double fallback) const;
  bool flag(const std::string& key, bool fallback) const;
  // What is no text is returned as it stands in the file, and so equals no known word.
  std::string text(const std::string& key, const std::string& fallback) const;

  // The object `key`, a config of its own; throws Error when it is there and is no object.
  ConfigFile section(const std::string& key) const;

  const nlohmann::json& json() const { return json_; }

  // Throws the Error for a setting that cannot be used.
  [[noreturn]] void refuse(const std::string& key, const std::string& expected,
                           const std::string& fix = "") const;

 private:
  const nlohmann::json& json_;
  std::string where_;
};

}  // namespace pressroom
