#include "model/text_settings.h"

#include <nlohmann/json.hpp>

#include "base/whole_file.h"
#include "gguf/gguf_file.h"
#include "model/config_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// Null for a file that is not there.
Json json_in(const fs::path& file) {
  if (!fs::exists(file)) return nullptr;
  std::string why;
  const std::optional<std::string> text = read_regular_file(file, why);
  if (!text) throw Error({"a file of the model cannot be read", file.string(), "", why, ""});
  Json json = Json::parse(strict_json(*text), nullptr, /*allow_exceptions=*/false);
  if (json.is_object()) return json;
  throw Error({"a file of the model is torn", file.string(), "a JSON object",
               json.is_discarded() ? "text that is no JSON" : json.type_name(),
               "complete the download"});
}

Json value_of(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return found == json.end() ? Json() : *found;
}

[[noreturn]] void refuse_value(const fs::path& file, const char* key, const char* expected,
                               const Json& got) {
  throw Error({"a setting of the model cannot be used", file.string() + ", " + key, expected,
               got.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 60), ""});
}

// A token is written as its text, or as an object around it.
std::string token_text(const Json& json, const char* key, const fs::path& file) {
  const Json value = value_of(json, key);
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  const Json content = value_of(value, "content");
  if (content.is_string()) return content.get<std::string>();
  refuse_value(file, key, "a token's text", value);
}

std::string template_of(const Json& json, const fs::path& file) {
  constexpr const char* kKey = "chat_template";
  const Json value = value_of(json, kKey);
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  for (const Json& one : value.is_array() ? value : Json::array()) {
    const Json source = value_of(one, "template");
    if (value_of(one, "name") == "default" && source.is_string()) return source.get<std::string>();
  }
  refuse_value(file, kKey, "a template, or a list with one called \"default\"", value);
}

std::vector<std::int64_t> ids_of(const Json& json, const fs::path& file) {
  constexpr const char* kKey = "eos_token_id";
  const Json value = value_of(json, kKey);
  if (value.is_null()) return {};
  std::vector<std::int64_t> ids;
  for (const Json& id : value.is_array() ? value : Json::array({value})) {
    if (!id.is_number_integer()) refuse_value(file, kKey, "one token id or several", value);
    ids.push_back(id.get<std::int64_t>());
  }
  return ids;
}

TextSettings settings_of_gguf(const fs::path& path) {
  const GgufFile file(path);
  TextSettings settings;
  if (file.has("tokenizer.chat_template")) {
    settings.chat_template = file.text("tokenizer.chat_template");
    settings.chat_template_place = path.string() + ", tokenizer.chat_template";
  }
  const auto text_of = [&](const char* key) -> std::string {
    if (!file.has(key) || !file.has("tokenizer.ggml.tokens")) return "";
    const std::vector<std::string>& texts = file.texts("tokenizer.ggml.tokens");
    const auto id = static_cast<std::uint64_t>(file.integer(key));
    return id < texts.size() ? texts[id] : "";
  };
  settings.tokens = {text_of("tokenizer.ggml.bos_token_id"),
                     text_of("tokenizer.ggml.eos_token_id")};
  for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    if (file.has(key)) settings.end_ids.push_back(file.integer(key));
  }
  return settings;
}

}  // namespace

TextSettings read_text_settings(const ModelFiles& files) {
  if (files.is_gguf()) return settings_of_gguf(files.root);
  TextSettings settings;
  const fs::path tokenizer_file = files.root / "tokenizer_config.json";
  const Json tokenizer = json_in(tokenizer_file);
  settings.tokens = {token_text(tokenizer, "bos_token", tokenizer_file),
                     token_text(tokenizer, "eos_token", tokenizer_file)};
  const fs::path template_file = files.root / "chat_template.jinja";
  if (fs::exists(template_file)) {
    settings.chat_template = text_of_file(template_file);
    settings.chat_template_place = template_file.string();
  } else {
    settings.chat_template = template_of(tokenizer, tokenizer_file);
    settings.chat_template_place = tokenizer_file.string() + ", chat_template";
  }
  const fs::path generation_file = files.root / "generation_config.json";
  settings.end_ids = ids_of(json_in(generation_file), generation_file);
  if (settings.end_ids.empty()) settings.end_ids = ids_of(json_in(files.config), files.config);
  return settings;
}

}  // namespace pressroom
