#include "weights/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "pressroom/error.h"
#include "weights/widen.h"

namespace pressroom {

using Json = nlohmann::json;

Json parse_unique_json(std::string_view text, const std::filesystem::path& file,
                       const std::string& part, const std::string& what) {
  constexpr int kDeepestNesting = 8;  // tables of tensors have three levels
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw Error({what, file.string(), expected, got, "copy or download the file again"});
  };
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepestNesting) refuse("a table of tensors as " + part, "deep nesting");
    // nlohmann keeps the last of two equal names without a word.
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key &&
        !open_objects.back().insert(parsed.get<std::string>()).second) {
      refuse("every tensor named once", excerpt(parsed.dump()) + " twice in the " + part);
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::exception& error) {
    refuse("a JSON " + part, excerpt(error.what()));
  }
  return {};
}

namespace {

using Entries = std::map<std::string, SafetensorsEntry>;

constexpr const char* kTorn = "not a whole safetensors file";
constexpr std::uint64_t kHeaderLengthBytes = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the limit of the format's own library

[[noreturn]] void torn(const std::filesystem::path& file, const std::string& expected,
                       const std::string& got) {
  throw Error({kTorn, file.string(), expected, got, "copy or download the file again"});
}

// Throws a Json exception where nlohmann would round or wrap a number that is not whole.
template <typename Whole>
std::vector<Whole> whole_numbers(const Json& list) {
  for (const Json& element : list) {
    if (!element.is_number_integer()) element.get_ref<const Json::number_integer_t&>();
  }
  return list.get<std::vector<Whole>>();
}

void check_shape(const SafetensorsEntry& entry, const std::string& name,
                 const std::filesystem::path& file) {
  auto bytes = static_cast<std::uint64_t>(safetensors_element_bytes(entry.dtype));
  if (bytes == 0) return;  // refused when it is read: other tensors may be all we need
  for (const std::int64_t extent : entry.shape) {
    // Below 0, too, where the header has a number that int64 cannot hold.
    if (extent < 0 || (extent > 0 && bytes > std::numeric_limits<std::uint64_t>::max() /
                                                 static_cast<std::uint64_t>(extent))) {
      torn(file, "a possible shape for " + in_quotes(name), excerpt(shape_text(entry.shape)));
    }
    bytes *= static_cast<std::uint64_t>(extent);
  }
  if (bytes != entry.bytes.size()) {
    torn(file,
         std::to_string(bytes) + " bytes for " + in_quotes(name) + " " +
             excerpt(shape_text(entry.shape)),
         std::to_string(entry.bytes.size()) + " bytes");
  }
}

SafetensorsEntry parse_entry(const std::string& name, const Json& value, std::string_view data,
                             const std::filesystem::path& file) {
  SafetensorsEntry entry;
  std::vector<std::uint64_t> range;
  try {
    entry.dtype = value.at("dtype").get<std::string>();
    entry.shape = whole_numbers<std::int64_t>(value.at("shape"));
    range = whole_numbers<std::uint64_t>(value.at("data_offsets"));
  } catch (const Json::exception&) {
    torn(file, "dtype, shape and data_offsets for " + in_quotes(name), excerpt(value.dump()));
  }
  if (range.size() != 2 || range[0] > range[1] || range[1] > data.size()) {
    torn(file, in_quotes(name) + " within " + std::to_string(data.size()) + " data bytes",
         excerpt(value.dump()));
  }
  entry.bytes = data.substr(range[0], range[1] - range[0]);
  check_shape(entry, name, file);
  return entry;
}

// The tensors must fill the data part: end to end, without overlaps, holes or a rest.
void check_layout(const Entries& entries, std::string_view data,
                  const std::filesystem::path& file) {
  std::vector<const Entries::value_type*> by_offset;
  for (const auto& entry : entries) by_offset.push_back(&entry);
  const auto ends = [](const auto* entry) {
    const std::string_view bytes = entry->second.bytes;
    return std::make_pair(bytes.data(), bytes.data() + bytes.size());
  };
  std::sort(by_offset.begin(), by_offset.end(),
            // By the end, too: an empty tensor may begin where another does, and comes first.
            [&](const auto* a, const auto* b) { return ends(a) < ends(b); });
  for (std::size_t i = 1; i < by_offset.size(); ++i) {
    if (ends(by_offset[i]).first < ends(by_offset[i - 1]).second) {
      torn(file, "tensors that do not overlap",
           in_quotes(by_offset[i - 1]->first) + " and " + in_quotes(by_offset[i]->first) +
               " overlap");
    }
  }
  const char* covered = data.data();
  for (const auto* entry : by_offset) {
    if (ends(entry).first != covered) {
      torn(file, "tensors without a gap between them", "a gap before " + in_quotes(entry->first));
    }
    covered = ends(entry).second;
  }
  if (covered != data.data() + data.size()) {
    torn(file, "nothing behind the last tensor",
         std::to_string(data.data() + data.size() - covered) + " bytes");
  }
}

// The two parts of a file behind the header's length.
struct Parts {
  std::string_view header;
  std::string_view data;
};

Parts parts_of(std::string_view bytes, const std::filesystem::path& file) {
  if (bytes.size() < kHeaderLengthBytes) {
    torn(file, "at least 8 bytes", std::to_string(bytes.size()) + " bytes");
  }
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), kHeaderLengthBytes);
  const std::uint64_t most =
      std::min<std::uint64_t>(bytes.size() - kHeaderLengthBytes, kLongestHeader);
  if (header_bytes > most) {
    torn(file, "a header of at most " + std::to_string(most) + " bytes",
         std::to_string(header_bytes) + " bytes announced");
  }
  return {bytes.substr(kHeaderLengthBytes, header_bytes),
          bytes.substr(kHeaderLengthBytes + header_bytes)};
}

Json parsed_header(std::string_view text, const std::filesystem::path& file) {
  const Json header = parse_unique_json(text, file, "header", kTorn);
  if (!header.is_object()) torn(file, "a JSON object as header", header.type_name());
  return header;
}

}  // namespace

Entries parse_safetensors(std::string_view bytes, const std::filesystem::path& file) {
  const Parts parts = parts_of(bytes, file);
  const Json header = parsed_header(parts.header, file);
  Entries entries;
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") entries[name] = parse_entry(name, value, parts.data, file);
  }
  check_layout(entries, parts.data, file);
  return entries;
}

Json safetensors_header(std::string_view bytes, const std::filesystem::path& file) {
  return parsed_header(parts_of(bytes, file).header, file);
}

std::string_view safetensors_data(std::string_view bytes, const std::filesystem::path& file) {
  return parts_of(bytes, file).data;
}

std::int64_t safetensors_element_bytes(const std::string& dtype) {
  if (dtype == "F32") return 4;
  return dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

void widen_elements(const SafetensorsEntry& entry, std::int64_t first, std::int64_t count,
                    float* out) {
  const std::int64_t size = safetensors_element_bytes(entry.dtype);
  PRESSROOM_ASSERT(size > 0);
  const char* bytes = entry.bytes.data() + first * size;
  if (entry.dtype == "F16") {
    widen_half(bytes, count, out);
  } else if (entry.dtype == "BF16") {
    widen_bfloat16(bytes, count, out);
  } else if (count > 0) {
    std::memcpy(out, bytes, static_cast<std::size_t>(count * size));
  }
}

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file)
    : mapped_(file, "the weights"), tensors_(parse_safetensors(mapped_.bytes(), file)) {}

const SafetensorsEntry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) missing_tensor(*this, name);
  return found->second;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const auto& tensor : tensors_) names.push_back(tensor.first);
  return names;
}

const std::vector<std::int64_t>& SafetensorsFile::shape(const std::string& name) const {
  return entry(name).shape;
}

std::string SafetensorsFile::place(const std::string& name) const {
  return mapped_.path().string() + (contains(name) ? ": " + name : "");
}

void SafetensorsFile::read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                                float* out) const {
  const SafetensorsEntry& tensor = entry(name);
  const std::int64_t element_bytes = safetensors_element_bytes(tensor.dtype);
  if (element_bytes == 0) {
    throw Error({"a tensor has a dtype that is not supported", place(name), "F32, F16 or BF16",
                 excerpt(tensor.dtype), "convert the weights"});
  }
  const std::string_view rows = row_range(tensor, first, count);
  const std::int64_t width = row_elements(tensor.shape);
  widen_elements(tensor, first * width, count * width, out);
  mapped_.release(rows);
}

void SafetensorsFile::read_stored_rows(const std::string& name, std::int64_t first,
                                       std::int64_t count, void* out) const {
  const std::string_view rows = row_range(entry(name), first, count);
  if (!rows.empty()) std::memcpy(out, rows.data(), rows.size());
  mapped_.release(rows);
}

std::string_view SafetensorsFile::row_range(const SafetensorsEntry& tensor, std::int64_t first,
                                            std::int64_t count) const {
  check_rows(tensor.shape, first, count);
  const std::int64_t bytes = row_elements(tensor.shape) * safetensors_element_bytes(tensor.dtype);
  return tensor.bytes.substr(static_cast<std::size_t>(first * bytes),
                             static_cast<std::size_t>(count * bytes));
}

}  // namespace pressroom
