#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "train/starter/bpe_trainer.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

// Two bytes of UTF-8 are enough: stand-ins end at U+0143.
std::string utf8(int code_point) {
  if (code_point < 0x80) return std::string(1, static_cast<char>(code_point));
  return {static_cast<char>(0xC0 | (code_point >> 6)), static_cast<char>(0x80 | (code_point & 63))};
}

bool is_printable_latin1(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

std::string printable(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) text += byte_symbols()[static_cast<unsigned char>(c)];
  return text;
}

}  // namespace

const std::vector<std::string>& byte_symbols() {
  static const std::vector<std::string> symbols = [] {
    std::vector<std::string> table;
    int unused = 0x100;
    for (int b = 0; b < 256; ++b) table.push_back(utf8(is_printable_latin1(b) ? b : unused++));
    return table;
  }();
  return symbols;
}

void write_tokenizer_json(const BpeVocabulary& bpe, const std::filesystem::path& file) {
  Json vocabulary = Json::object();
  for (std::size_t id = 0; id < bpe.tokens.size(); ++id) vocabulary[printable(bpe.tokens[id])] = id;
  Json merges = Json::array();
  for (const auto& [left, right] : bpe.merges) {
    merges.push_back(printable(bpe.tokens[static_cast<std::size_t>(left)]) + " " +
                     printable(bpe.tokens[static_cast<std::size_t>(right)]));
  }
  const Json byte_level = {{"type", "ByteLevel"},
                           {"add_prefix_space", false},
                           {"trim_offsets", true},
                           {"use_regex", true}};
  const Json model = {{"type", "BPE"},
                      {"dropout", nullptr},
                      {"unk_token", nullptr},
                      {"continuing_subword_prefix", nullptr},
                      {"end_of_word_suffix", nullptr},
                      {"fuse_unk", false},
                      {"byte_fallback", false},
                      {"vocab", vocabulary},
                      {"merges", merges}};
  const Json root = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", Json::array()},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", byte_level},
                     {"post_processor", nullptr},
                     {"decoder", byte_level},
                     {"model", model}};
  write_file_atomically(file, root.dump(1) + "\n");
}

}  // namespace pressroom
