// Writes a tiny model for the tests of the whole program: a Llama with random weights whose tokens
// are the 256 bytes.
//
//   pressroom_make_tiny_model DIRECTORY
#include <iostream>

#include "tiny_model.h"
#include "tokenizer/byte_alphabet.h"

namespace pressroom {
namespace {

nlohmann::ordered_json byte_tokenizer() {
  nlohmann::ordered_json vocabulary;
  for (int byte = 0; byte < 256; ++byte) {
    vocabulary[spelling_of_byte(static_cast<unsigned char>(byte))] = byte;
  }
  const nlohmann::ordered_json byte_level = {{"type", "ByteLevel"},
                                             {"add_prefix_space", false},
                                             {"trim_offsets", true},
                                             {"use_regex", true}};
  return {{"version", "1.0"},
          {"added_tokens", nlohmann::json::array()},
          {"pre_tokenizer", byte_level},
          {"decoder", byte_level},
          {"model", {{"type", "BPE"}, {"vocab", vocabulary}, {"merges", nlohmann::json::array()}}}};
}

void write_tiny_model(const std::filesystem::path& directory) {
  TinyShape shape;
  shape.hidden_size = 32;
  shape.head_dim = 8;
  shape.mlp_size = 48;
  shape.vocabulary = 256;
  write_model(directory, shape, random_weights(shape, RandomKey(7)));
  write_file(directory / "tokenizer.json", byte_tokenizer().dump(1) + "\n");
}

}  // namespace
}  // namespace pressroom

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: pressroom_make_tiny_model DIRECTORY\n";
    return 2;
  }
  pressroom::write_tiny_model(argv[1]);
  return 0;
}
