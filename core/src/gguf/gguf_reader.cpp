#include "gguf/gguf_reader.h"

#include <algorithm>
#include <limits>

#include "pressroom/error.h"
#include "weights/weight_source.h"

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

namespace {

// As the format numbers them.
enum Kind : std::uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

// Bytes of the smallest value of a kind, by its number; no array has arrays in it.
constexpr std::uint64_t kSmallest[] = {1, 1, 2, 2, 4, 4, 4, 1, 8, 0, 8, 8, 8};

std::int64_t read_whole(GgufReader& reader, std::uint32_t kind) {
  constexpr const char* kWhat = "whole number";
  switch (kind) {
    case kUint8:
      return reader.read<std::uint8_t>(kWhat);
    case kInt8:
      return reader.read<std::int8_t>(kWhat);
    case kUint16:
      return reader.read<std::uint16_t>(kWhat);
    case kInt16:
      return reader.read<std::int16_t>(kWhat);
    case kUint32:
      return reader.read<std::uint32_t>(kWhat);
    case kInt32:
      return reader.read<std::int32_t>(kWhat);
    default:
      return reader.read<std::int64_t>(kWhat);
  }
}

bool fits_int64(std::uint64_t number) {
  return number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
}

// A file may hold one that is too large for int64 under a key that nobody reads.
GgufValue as_int64_if_it_fits(GgufValue value) {
  if (const auto* one = std::get_if<std::uint64_t>(&value)) {
    return fits_int64(*one) ? GgufValue(static_cast<std::int64_t>(*one)) : value;
  }
  const auto& many = std::get<std::vector<std::uint64_t>>(value);
  if (!std::all_of(many.begin(), many.end(), fits_int64)) return value;
  return std::vector<std::int64_t>(many.begin(), many.end());
}

double read_floating(GgufReader& reader, std::uint32_t kind) {
  if (kind == kFloat64) return reader.read<double>("number");
  return reader.read<float>("number");
}

template <typename Value, typename ReadOne>
GgufValue read_array(GgufReader& reader, std::uint32_t kind, const ReadOne& read_one) {
  const std::uint64_t count = reader.count(kSmallest[kind], "values of an array");
  std::vector<Value> values;
  values.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) values.push_back(read_one());
  return values;
}

// One value of `kind`, or the array of which `kind` is the kind of the elements.
template <typename Value, typename ReadOne>
GgufValue one_or_many(GgufReader& reader, std::uint32_t kind, bool many, const ReadOne& read_one) {
  if (many) return read_array<Value>(reader, kind, read_one);
  return GgufValue(Value(read_one()));
}

}  // namespace

GgufValue read_gguf_value(GgufReader& reader, const std::string& key) {
  auto kind = reader.read<std::uint32_t>("type of a value");
  const bool many = kind == kArray;
  if (many) kind = reader.read<std::uint32_t>("type of an array");
  if (kind > kFloat64 || kind == kArray) {
    reader.torn(many ? "an array of numbers, flags or texts for " + in_quotes(key)
                     : "a type from 0 to 12 for " + in_quotes(key),
                "type " + std::to_string(kind));
  }
  switch (kind) {
    case kFloat32:
    case kFloat64:
      return one_or_many<double>(reader, kind, many, [&] { return read_floating(reader, kind); });
    case kBool:
      return one_or_many<bool>(reader, kind, many,
                               [&] { return reader.read<std::uint8_t>("flag") != 0; });
    case kString:
      return one_or_many<std::string>(reader, kind, many,
                                      [&] { return std::string(reader.text("text")); });
    case kUint64:
      return as_int64_if_it_fits(one_or_many<std::uint64_t>(
          reader, kind, many, [&] { return reader.read<std::uint64_t>("whole number"); }));
    default:
      return one_or_many<std::int64_t>(reader, kind, many,
                                       [&] { return read_whole(reader, kind); });
  }
}

const char* kind_name(const GgufValue& value) {
  constexpr const char* kNames[] = {"a whole number",
                                    "a number",
                                    "a flag",
                                    "a text",
                                    "an array of whole numbers",
                                    "an array of numbers",
                                    "an array of flags",
                                    "an array of texts",
                                    "a whole number of 2^63 or more",
                                    "an array of whole numbers, some of 2^63 or more"};
  return kNames[value.index()];
}

}  // namespace pressroom
