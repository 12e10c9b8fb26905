#include "gguf/gguf_reader.h"

#include "pressroom/error.h"

namespace pressroom {

std::string_view GgufReader::take(std::uint64_t size, const char* what) {
  if (size > left()) {
    torn(std::to_string(size) + " bytes for the " + what,
         std::to_string(left()) + " bytes left at byte " + std::to_string(position_));
  }
  const std::string_view taken = bytes_.substr(position_, size);
  position_ += size;
  return taken;
}

std::string_view GgufReader::text(const char* what) {
  return take(read<std::uint64_t>(what), what);
}

std::uint64_t GgufReader::count(std::uint64_t smallest, const char* what) {
  const auto announced = read<std::uint64_t>(what);
  if (announced > left() / smallest) {
    torn("at most " + std::to_string(left() / smallest) + " " + what + " in the " +
             std::to_string(left()) + " bytes left",
         std::to_string(announced) + " announced");
  }
  return announced;
}

void GgufReader::torn(const std::string& expected, const std::string& got) const {
  throw Error(
      {"not a whole GGUF file", file_.string(), expected, got, "copy or download the file again"});
}

}  // namespace pressroom
