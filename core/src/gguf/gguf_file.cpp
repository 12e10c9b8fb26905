#include "gguf/gguf_file.h"

#include <algorithm>
#include <limits>

#include "gguf/gguf_blocks.h"
#include "gguf/gguf_reader.h"
#include "pressroom/error.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

using Tensors = std::map<std::string, GgufTensor>;

constexpr std::uint32_t kMagic = 0x46554747;  // "GGUF"
constexpr std::uint64_t kSmallestPair = 8 + 4 + 1;
constexpr std::uint64_t kSmallestTensor = 8 + 4 + 4 + 8;
constexpr std::uint32_t kMostExtents = 4;
constexpr std::int64_t kDefaultAlignment = 32;

void read_preamble(GgufReader& reader) {
  if (reader.left() < 4 || reader.read<std::uint32_t>("magic number") != kMagic) {
    reader.torn("a file that begins with \"GGUF\"",
                in_quotes(std::string(reader.bytes().substr(0, 4))));
  }
  const auto version = reader.read<std::uint32_t>("version");
  if (version != 2 && version != 3) {
    const bool swapped = version == 0x02000000 || version == 0x03000000;
    reader.torn("version 2 or 3, little endian",
                swapped ? "a big-endian file" : "version " + std::to_string(version));
  }
}

std::int64_t alignment_of(const GgufHeader& header, const GgufReader& reader) {
  const auto found = header.values.find("general.alignment");
  if (found == header.values.end()) return kDefaultAlignment;
  const auto* alignment = std::get_if<std::int64_t>(&found->second);
  if (alignment == nullptr || *alignment < 1 || *alignment > (1 << 20)) {
    reader.torn("general.alignment from 1 to 1048576",
                alignment == nullptr ? "no whole number" : std::to_string(*alignment));
  }
  return *alignment;
}

// A tensor with its place in the data part still unchecked.
struct Announced {
  std::string name;
  GgufTensor tensor;
  std::uint64_t offset = 0;
};

Announced read_announced(GgufReader& reader) {
  Announced announced;
  announced.name = std::string(reader.text("name of a tensor"));
  const auto extents = reader.read<std::uint32_t>("number of extents");
  if (extents > kMostExtents) {
    reader.torn("at most 4 extents for " + in_quotes(announced.name), std::to_string(extents));
  }
  std::vector<std::int64_t>& shape = announced.tensor.shape;
  for (std::uint32_t i = 0; i < extents; ++i) {
    shape.push_back(reader.read<std::int64_t>("extent"));
  }
  std::reverse(shape.begin(), shape.end());
  announced.tensor.type = reader.read<std::uint32_t>("type of a tensor");
  announced.offset = reader.read<std::uint64_t>("offset of a tensor");
  return announced;
}

// Bytes of a tensor of a type that can be read.
std::uint64_t tensor_bytes(const Announced& announced, const GgufReader& reader) {
  const GgufTensor& tensor = announced.tensor;
  std::int64_t elements = 1;
  for (const std::int64_t extent : tensor.shape) {
    // An element takes at least half a byte of a file, whose size is an int64.
    if (extent < 0 ||
        (extent > 0 && elements > std::numeric_limits<std::int64_t>::max() / 64 / extent)) {
      reader.torn("a possible shape for " + in_quotes(announced.name), shape_text(tensor.shape));
    }
    elements *= extent;
  }
  const std::int64_t block = gguf_block_elements(tensor.type);
  if ((tensor.shape.empty() ? 1 : tensor.shape.back()) % block != 0) {
    reader.torn("rows of whole blocks of " + std::to_string(block) + " for " +
                    in_quotes(announced.name) + " " + gguf_type_name(tensor.type),
                shape_text(tensor.shape));
  }
  return static_cast<std::uint64_t>(elements / block * gguf_block_bytes(tensor.type));
}

// Points every tensor to its bytes: those of a known type from its shape; one of a type that cannot
// be read is no error before it is read, and has all the bytes up to its neighbour.
Tensors placed(std::vector<Announced> announced, std::string_view data, std::int64_t alignment,
               const GgufReader& reader) {
  std::sort(announced.begin(), announced.end(), [](const Announced& a, const Announced& b) {
    return std::tie(a.offset, a.name) < std::tie(b.offset, b.name);
  });
  Tensors tensors;
  for (std::size_t i = 0; i < announced.size(); ++i) {
    Announced& one = announced[i];
    const bool last = i + 1 == announced.size();
    // Sorted, so this is not before one.offset: the size of an unknown type cannot wrap.
    const std::uint64_t end = last ? data.size() : announced[i + 1].offset;
    // First of the checks: those below subtract the offset from the size.
    if (one.offset > data.size() || one.offset % static_cast<std::uint64_t>(alignment) != 0) {
      reader.torn(in_quotes(one.name) + " at a multiple of " + std::to_string(alignment) +
                      " within " + std::to_string(data.size()) + " data bytes",
                  "at " + std::to_string(one.offset));
    }
    const bool known = gguf_block_elements(one.tensor.type) > 0;
    const std::uint64_t size =
        known ? tensor_bytes(one, reader) : std::min<std::uint64_t>(end, data.size()) - one.offset;
    if (size > data.size() - one.offset) {
      reader.torn(std::to_string(size) + " bytes for " + in_quotes(one.name) + " " +
                      shape_text(one.tensor.shape),
                  std::to_string(data.size() - one.offset) + " bytes left");
    }
    if (!last && one.offset + size > end) {
      reader.torn("tensors that do not overlap",
                  in_quotes(one.name) + " and " + in_quotes(announced[i + 1].name) + " overlap");
    }
    one.tensor.bytes = data.substr(one.offset, size);
    if (!tensors.emplace(one.name, std::move(one.tensor)).second) {
      reader.torn("every tensor named once", in_quotes(one.name) + " twice in the header");
    }
  }
  return tensors;
}

}  // namespace

GgufHeader parse_gguf(std::string_view bytes, const std::filesystem::path& file) {
  GgufReader reader(bytes, file);
  read_preamble(reader);
  const std::uint64_t tensors = reader.count(kSmallestTensor, "tensors");
  const std::uint64_t pairs = reader.count(kSmallestPair, "keys");
  GgufHeader header;
  for (std::uint64_t i = 0; i < pairs; ++i) {
    const std::string key(reader.text("key"));
    if (!header.values.emplace(key, read_gguf_value(reader, key)).second) {
      reader.torn("every key once", in_quotes(key) + " twice in the header");
    }
  }
  std::vector<Announced> announced;
  for (std::uint64_t i = 0; i < tensors; ++i) announced.push_back(read_announced(reader));
  // A vocabulary alone is a whole file, with no data part that alignment could speak of.
  if (announced.empty()) return header;

  const std::int64_t alignment = alignment_of(header, reader);
  const auto step = static_cast<std::uint64_t>(alignment);
  const std::uint64_t begin = (reader.position() + step - 1) / step * step;
  const std::string_view data = begin <= bytes.size() ? bytes.substr(begin) : std::string_view();
  header.tensors = placed(std::move(announced), data, alignment, reader);
  return header;
}

GgufFile::GgufFile(const std::filesystem::path& file)
    : mapped_(file, "the model"), header_(parse_gguf(mapped_.bytes(), file)) {}

template <typename Value>
const Value& GgufFile::value(const std::string& key) const {
  const auto found = header_.values.find(key);
  const auto* value = found == header_.values.end() ? nullptr : std::get_if<Value>(&found->second);
  if (value != nullptr) return *value;
  const bool missing = found == header_.values.end();
  throw Error({missing ? "a GGUF file lacks a key" : "a GGUF file has a key of another type",
               path().string() + ": " + key, kind_name(GgufValue(Value())),
               missing ? "nothing" : kind_name(found->second),
               "get the file again, or convert the model again"});
}

bool GgufFile::has_integers(const std::string& key) const {
  const auto found = header_.values.find(key);
  return found != header_.values.end() &&
         std::holds_alternative<std::vector<std::int64_t>>(found->second);
}

std::int64_t GgufFile::integer(const std::string& key) const { return value<std::int64_t>(key); }

double GgufFile::number(const std::string& key) const {
  const auto found = header_.values.find(key);
  if (found != header_.values.end()) {
    const auto* whole = std::get_if<std::int64_t>(&found->second);
    if (whole != nullptr) return static_cast<double>(*whole);
  }
  return value<double>(key);
}

bool GgufFile::flag(const std::string& key) const { return value<bool>(key); }

const std::string& GgufFile::text(const std::string& key) const { return value<std::string>(key); }

const std::vector<std::int64_t>& GgufFile::integers(const std::string& key) const {
  return value<std::vector<std::int64_t>>(key);
}

const std::vector<double>& GgufFile::numbers(const std::string& key) const {
  return value<std::vector<double>>(key);
}

const std::vector<std::string>& GgufFile::texts(const std::string& key) const {
  return value<std::vector<std::string>>(key);
}

}  // namespace pressroom
