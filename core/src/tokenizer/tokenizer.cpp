#include "tokenizer/tokenizer.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "gguf/gguf_file.h"
#include "pressroom/error.h"
#include "tokenizer/bpe_tokenizer.h"
#include "tokenizer/gguf_tokenizer.h"

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

bool is_gguf(const std::filesystem::path& file) {
  if (file.extension() == ".gguf") return true;
  char magic[4] = {};
  std::ifstream(file, std::ios::binary).read(magic, sizeof magic);
  return std::string_view(magic, sizeof magic) == "GGUF";
}

}  // namespace

Tokenizer::~Tokenizer() = default;

std::unique_ptr<Tokenizer> Tokenizer::load(const std::filesystem::path& file) {
  if (is_gguf(file)) return gguf_tokenizer(GgufFile(file));
  const json contents = read(file);
  try {
    return std::make_unique<BpeTokenizer>(BpeTokenizer::parts_of(contents, file.string()));
  } catch (const json::exception& error) {
    throw Error({"the tokenizer lacks a part, or has one of the wrong kind", file.string(),
                 "the members of a Hugging Face tokenizer.json", error.what(), kGetAnother});
  }
}

}  // namespace pressroom
