// Writes a tiny model for the tests of the whole program: a Llama with random weights whose tokens
// are the 256 bytes.
//
//   pressroom_make_tiny_model DIRECTORY
#include <iostream>

#include "byte_tokenizer.h"
#include "tiny_model.h"

namespace pressroom {
namespace {

void write_tiny_model(const std::filesystem::path& directory) {
  TinyShape shape;
  shape.hidden_size = 32;
  shape.head_dim = 8;
  shape.mlp_size = 48;
  shape.vocabulary = 256;
  write_model(directory, shape, random_weights(shape, RandomKey(7)));
  write_file(directory / "tokenizer.json", byte_tokenizer_json());
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
