#include "input_text.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {
namespace {

std::string all_of(std::istream& stream) {
  std::string text;
  std::vector<char> block(1 << 20);
  while (stream.read(block.data(), block.size()) || stream.gcount() > 0) {
    text.append(block.data(), stream.gcount());
  }
  return text;
}

}  // namespace

std::string input_text(const std::string& name, const std::string& what) {
  if (name == "-") return all_of(std::cin);
  std::ifstream stream(name, std::ios::binary);
  const std::error_code reason(errno, std::generic_category());
  if (!stream || std::filesystem::is_directory(name)) {
    throw Error({what + " cannot be read", name, "a readable file",
                 stream ? "a directory" : reason.message(), "check the path"});
  }
  return all_of(stream);
}

}  // namespace pressroom
