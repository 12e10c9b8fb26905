#include "results/stored_cell.h"

#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "base/json_text.h"
#include "base/sha256.h"
#include "base/whole_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kShownDigits = 8;

// A plugin, its parameters and those it takes with it.
void add_plugin(const std::string& kind, const Json& use, MadeFrom& parts) {
  const std::string name = kind + " " + use.at("name").get<std::string>();
  parts[name] = use.at("sha256");
  const auto parameters = use.find("parameters");
  if (parameters != use.end()) parts["parameters of " + name] = json_line(*parameters);
  const auto inner = use.find("inner");
  if (inner == use.end()) return;
  for (const auto& [key, one] : inner->items()) add_plugin("method", one, parts);
}

std::string shown(const std::string& value) {
  const bool hash = value.size() == kHashDigits &&
                    value.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hash ? value.substr(0, kShownDigits) : value;
}

}  // namespace

MadeFrom made_from(const Json& key) {
  MadeFrom parts;
  for (const auto& [name, value] : key.items()) {
    if (name == "method") {
      add_plugin(name, value, parts);
    } else if (name == "metrics") {
      for (const Json& metric : value) add_plugin("metric", metric, parts);
    } else if (name == "model") {
      parts["config.json of the model"] = value.at(0);
      parts["weights"] = value.at(1);
      parts["tokenizer"] = value.at(2);
    } else if (value.is_string()) {
      parts[name] = value;
    } else {
      parts[name] = value.is_primitive() ? json_line(value) : sha256_hex(json_line(value));
    }
  }
  return parts;
}

std::string what_changed(const MadeFrom& before, const MadeFrom& now) {
  std::string text;
  for (const auto& [name, value] : now) {
    const auto old = before.find(name);
    if (old == before.end() || old->second == value) continue;
    text += (text.empty() ? "" : ", ") + name + " changed";
    // Hashes of windows differ for each context and seed; they tell a reader nothing.
    if (name != "windows") text += ": " + shown(old->second) + " -> " + shown(value);
  }
  return text.empty() ? "what it was made from changed" : text;
}

std::string read_campaign_file(const std::filesystem::path& file) {
  std::string why;
  std::optional<std::string> text = read_regular_file(file, why);
  if (text) return std::move(*text);
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(file, ignored);
  const char* fix = !std::filesystem::exists(status) ? kRunAgain
                    : std::filesystem::is_regular_file(status)
                        ? "check its permissions"
                        : "remove it, and run the campaign again";
  throw Error({"a file of the campaign cannot be read", file.string(), "a file that can be read",
               why, fix});
}

std::filesystem::path cell_file_in(const std::filesystem::path& directory, const Cell& cell,
                                   const std::string& folder) {
  return directory / folder / (cell.file_stem() + ".json");
}

std::optional<CellResult> read_result(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return std::nullopt;
  const std::string text = read_campaign_file(file);
  // Cells of the last second reach the disk together: such a one was on its way.
  if (is_torn(text)) return std::nullopt;
  return cell_result_from_json(text, file.string());
}

MadeFrom read_made_from(const std::filesystem::path& file) {
  const auto json = nlohmann::ordered_json::parse(read_campaign_file(file), nullptr, false);
  MadeFrom parts;
  const auto found = json.find("made_from");
  if (found == json.end() || !found->is_object()) return parts;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) parts[name] = value;
  }
  return parts;
}

}  // namespace pressroom
