// A tokenizer.json whose tokens are the 256 bytes: the ids of a text are its bytes.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tokenizer/bpe/byte_level_bpe.h"

namespace pressroom {

inline std::string byte_tokenizer_json() {
  nlohmann::ordered_json vocabulary;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary[spelling_of_byte(static_cast<unsigned char>(byte))] = byte;
  }
  const nlohmann::ordered_json byte_level = {{"type", "ByteLevel"},
                                             {"add_prefix_space", false},
                                             {"trim_offsets", true},
                                             {"use_regex", true}};
  const nlohmann::ordered_json json = {
      {"version", "1.0"},
      {"added_tokens", nlohmann::json::array()},
      {"pre_tokenizer", byte_level},
      {"decoder", byte_level},
      {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", nlohmann::json::array()}}}};
  return json.dump(1) + "\n";
}

}  // namespace pressroom
