#include "tokenizer/tokenizer.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/byte_level_tokenizer.h"
#include "tokenizer/component.h"

namespace pressroom {
namespace {

using nlohmann::json;

constexpr char kGetAnother[] = "get the tokenizer.json anew; this one is damaged";

json read(const std::filesystem::path& file) {
  std::error_code ignored;
  std::ifstream stream(file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(file, ignored)) {
    throw Error({"the tokenizer cannot be read", file.string(), "a tokenizer.json file",
                 std::filesystem::exists(file, ignored) ? "not a readable file" : "no such file",
                 "check the path"});
  }
  try {
    return json::parse(stream);
  } catch (const json::parse_error& error) {
    throw Error({"the tokenizer is not well-formed JSON", file.string(), "a whole JSON document",
                 error.what(), kGetAnother});
  }
}

// What marks a SentencePiece-style file, or "".
std::string sentencepiece_sign(const json& file) {
  if (flag(file.at("model"), "byte_fallback", false)) return "model.byte_fallback is true";
  for (const char* key : {"normalizer", "pre_tokenizer", "decoder"}) {
    const json& component = member(file, key);
    if (component.is_null()) continue;
    const std::string text = component.dump(-1, ' ', false, json::error_handler_t::replace);
    const bool metaspace = text.find("\"Metaspace\"") != std::string::npos;
    if (metaspace || text.find("\u2581") != std::string::npos) {
      return std::string(key) + " marks spaces with U+2581";
    }
  }
  return "";
}

}  // namespace

Tokenizer::~Tokenizer() = default;

std::unique_ptr<Tokenizer> Tokenizer::load(const std::filesystem::path& file) {
  const json contents = read(file);
  try {
    const std::string sign = sentencepiece_sign(contents);
    if (!sign.empty()) {
      throw Error({"this is a SentencePiece-style tokenizer, which is not supported", file.string(),
                   "byte-level BPE (GPT-2 and its descendants)", sign,
                   "use a model whose tokenizer.json is byte-level"});
    }
    return std::make_unique<ByteLevelTokenizer>(contents, file.string());
  } catch (const json::exception& error) {
    throw Error({"the tokenizer lacks a part, or has one of the wrong kind", file.string(),
                 "the members of a Hugging Face tokenizer.json", error.what(), kGetAnother});
  }
}

}  // namespace pressroom
