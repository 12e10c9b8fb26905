#include "tokenizer/tokenizer.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "gguf/gguf_file.h"
#include "pressroom/error.h"
#include "pressroom/stand_in.h"
#include "tokenizer/bpe/bpe_tokenizer.h"
#include "tokenizer/components/component.h"
#include "tokenizer/gguf/gguf_tokenizer.h"

namespace pressroom {
namespace {

using nlohmann::json;

// Ten times the largest that is known; a device that never ends is not read into memory.
constexpr std::size_t kMostBytes = std::size_t{512} << 20;

// As deep as the reference reads. What follows a file into its depth, here and in the JSON library,
// follows it by recursion. Published files have a tenth of it.
constexpr std::size_t kMostDepth = 127;

std::string bytes_of(std::ifstream& stream, const std::filesystem::path& file) {
  std::string bytes;
  std::vector<char> piece(std::size_t{1} << 20);
  while (stream.read(piece.data(), static_cast<std::streamsize>(piece.size())) ||
         stream.gcount() > 0) {
    bytes.append(piece.data(), static_cast<std::size_t>(stream.gcount()));
    if (bytes.size() <= kMostBytes) continue;
    throw Error({"the tokenizer is too large", file.string(),
                 "at most " + std::to_string(kMostBytes >> 20) + " MiB", "more",
                 "name a tokenizer.json"});
  }
  return bytes;
}

void check_depth(const std::string& text, const std::filesystem::path& file) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth <= kMostDepth) continue;
      throw Error({"the tokenizer is nested too deeply", file.string(),
                   "at most " + std::to_string(kMostDepth) + " lists and objects in one another",
                   "one more at byte " + std::to_string(i), kGetAnother});
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
}

std::string place_of(std::size_t byte, const std::string& text) {
  const std::size_t end = std::min(byte, text.size());
  const std::size_t lines = std::count(text.begin(), text.begin() + end, '\n');
  return "byte " + std::to_string(byte) + " (line " + std::to_string(lines + 1) + ")";
}

json read(const std::filesystem::path& file) {
  std::error_code ignored;
  std::ifstream stream(file, std::ios::binary);
  // A folder opens like a file and fails only when read: it would be told as malformed JSON.
  if (!stream || std::filesystem::is_directory(file, ignored)) {
    throw Error({"the tokenizer cannot be read", file.string(), "a tokenizer.json file",
                 std::filesystem::exists(file, ignored) ? "not a readable file" : "no such file",
                 "check the path"});
  }
  const std::string text = bytes_of(stream, file);
  check_depth(text, file);
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    throw Error({"the tokenizer is not well-formed JSON", file.string(), "a whole JSON document",
                 "something else at " + place_of(error.byte, text), kGetAnother});
  } catch (const json::out_of_range&) {
    throw Error({"the tokenizer has a number that no number can hold", file.string(),
                 "numbers below 1.8e308", "a larger one", kGetAnother});
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
  refuse_stand_in(file);
  if (is_gguf(file)) return gguf_tokenizer(GgufFile(file));
  const json contents = read(file);
  return std::make_unique<BpeTokenizer>(BpeTokenizer::parts_of(contents, file.string()));
}

}  // namespace pressroom
