#include "model/safetensors.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kHeaderLengthBytes = 8;
constexpr int kDeepestNesting = 8;  // a header has three levels

struct ElementType {
  const char* name;
  at::ScalarType type;
  std::uint64_t bytes;
};
constexpr ElementType kElementTypes[] = {
    {"F32", at::kFloat, 4}, {"F16", at::kHalf, 2}, {"BF16", at::kBFloat16, 2}};

const ElementType* element_type(const std::string& name) {
  for (const ElementType& type : kElementTypes) {
    if (name == type.name) return &type;
  }
  return nullptr;
}

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

[[noreturn]] void torn(const std::filesystem::path& file, const std::string& expected,
                       const std::string& got) {
  throw Error({"not a whole safetensors file", file.string(), expected, got,
               "copy or download the file again"});
}

// Enough of a piece of header to recognise it by.
std::string shortened(const std::string& text) {
  return text.size() <= 200 ? text : text.substr(0, 200) + "...";
}

// Throws a Json exception where nlohmann would round or wrap a number that is not whole.
template <typename Whole>
std::vector<Whole> whole_numbers(const Json& list) {
  for (const Json& element : list) {
    if (!element.is_number_integer()) element.get_ref<const Json::number_integer_t&>();
  }
  return list.get<std::vector<Whole>>();
}

// JSON that refuses a name given twice, of which nlohmann would silently keep the last, and nesting
// that only an attack has.
Json parse_unique(const char* begin, const char* end, const std::filesystem::path& file) {
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepestNesting) torn(file, "a table of tensors as header", "deep nesting");
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key &&
        !open_objects.back().insert(parsed.get<std::string>()).second) {
      torn(file, "every tensor named once", parsed.dump() + " twice in the header");
    }
    return true;
  };
  try {
    return Json::parse(begin, end, watch);
  } catch (const Json::exception& error) {
    torn(file, "a JSON header", shortened(error.what()));
  }
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file) : file_(file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status = {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
    const std::string reason = descriptor < 0 ? std::strerror(errno) : "not a regular file";
    if (descriptor >= 0) ::close(descriptor);
    throw Error({"cannot read the weights", file.string(), "a safetensors file", reason, ""});
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (size_ < kHeaderLengthBytes) {
    ::close(descriptor);
    torn(file, "at least 8 bytes", std::to_string(size_) + " bytes");
  }
  void* mapped = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
  ::close(descriptor);
  if (mapped == MAP_FAILED) {
    throw Error({"cannot map the weights", file.string(), "", std::strerror(errno), ""});
  }
  bytes_ = static_cast<const char*>(mapped);
  try {
    parse_header();
  } catch (...) {
    ::munmap(mapped, size_);
    throw;
  }
}

SafetensorsFile::~SafetensorsFile() { ::munmap(const_cast<char*>(bytes_), size_); }

void SafetensorsFile::parse_header() {
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes_, kHeaderLengthBytes);
  if (header_bytes > size_ - kHeaderLengthBytes) {
    torn(file_, "a header of at most " + std::to_string(size_ - kHeaderLengthBytes) + " bytes",
         std::to_string(header_bytes) + " bytes announced");
  }
  data_offset_ = kHeaderLengthBytes + header_bytes;
  const Json header = parse_unique(bytes_ + kHeaderLengthBytes, bytes_ + data_offset_, file_);
  if (!header.is_object()) torn(file_, "a JSON object as header", header.type_name());
  for (const auto& [name, entry] : header.items()) {
    if (name != "__metadata__") tensors_[name] = parse_entry(name, &entry);
  }
  check_overlaps();
}

SafetensorsFile::Entry SafetensorsFile::parse_entry(const std::string& name,
                                                    const void* json) const {
  const Json& value = *static_cast<const Json*>(json);
  Entry entry;
  std::vector<std::uint64_t> range;
  try {
    entry.dtype = value.at("dtype").get<std::string>();
    entry.shape = whole_numbers<std::int64_t>(value.at("shape"));
    range = whole_numbers<std::uint64_t>(value.at("data_offsets"));
  } catch (const Json::exception&) {
    torn(file_, "dtype, shape and data_offsets for \"" + name + "\"", shortened(value.dump()));
  }
  if (range.size() != 2 || range[0] > range[1] || range[1] > size_ - data_offset_) {
    torn(file_, "\"" + name + "\" within " + std::to_string(size_ - data_offset_) + " data bytes",
         shortened(value.dump()));
  }
  entry.begin = range[0];
  entry.end = range[1];
  const ElementType* type = element_type(entry.dtype);
  if (type == nullptr) return entry;  // refused when it is read: other tensors may be all we need
  std::uint64_t bytes = type->bytes;
  for (const std::int64_t extent : entry.shape) {
    if (extent < 0 || (extent > 0 && bytes > std::numeric_limits<std::uint64_t>::max() /
                                                 static_cast<std::uint64_t>(extent))) {
      torn(file_, "a possible shape for \"" + name + "\"", shape_text(entry.shape));
    }
    bytes *= static_cast<std::uint64_t>(extent);
  }
  if (bytes != entry.end - entry.begin) {
    torn(file_, std::to_string(bytes) + " bytes for \"" + name + "\" " + shape_text(entry.shape),
         std::to_string(entry.end - entry.begin) + " bytes");
  }
  return entry;
}

void SafetensorsFile::check_overlaps() const {
  std::vector<const std::pair<const std::string, Entry>*> by_offset;
  for (const auto& entry : tensors_) by_offset.push_back(&entry);
  std::sort(by_offset.begin(), by_offset.end(), [](const auto* a, const auto* b) {
    return std::tie(a->second.begin, a->second.end) < std::tie(b->second.begin, b->second.end);
  });
  for (std::size_t i = 1; i < by_offset.size(); ++i) {
    if (by_offset[i]->second.begin < by_offset[i - 1]->second.end) {
      torn(file_, "tensors that do not overlap",
           "\"" + by_offset[i - 1]->first + "\" and \"" + by_offset[i]->first + "\" overlap");
    }
  }
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const auto& entry : tensors_) names.push_back(entry.first);
  return names;
}

at::Tensor SafetensorsFile::read(const std::string& name,
                                 const std::vector<std::int64_t>& shape) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    const std::string near = closest_match(name, names());
    throw Error({"a tensor is missing", file_.string(), "\"" + name + "\" " + shape_text(shape),
                 near.empty() ? "no such tensor" : "no such tensor; there is \"" + near + "\"",
                 "check that config.json and the weights belong together"});
  }
  const Entry& entry = found->second;
  if (entry.shape != shape) {
    throw Error({"a tensor has another shape than config.json says", file_.string() + ": " + name,
                 shape_text(shape), shape_text(entry.shape),
                 "check that config.json and the weights belong together"});
  }
  const ElementType* type = element_type(entry.dtype);
  if (type == nullptr) {
    throw Error({"a tensor has a dtype that is not supported", file_.string() + ": " + name,
                 "F32, F16 or BF16", entry.dtype, "convert the weights"});
  }
  void* data = const_cast<char*>(bytes_ + data_offset_ + entry.begin);
  // from_blob asks for aligned data; offsets in the file need not be.
  const auto byte_count = static_cast<std::int64_t>(entry.end - entry.begin);
  const at::Tensor mapped =
      at::from_blob(data, {byte_count}, at::kByte).clone().view(type->type).view(shape);
  at::Tensor weights = mapped.to(at::kFloat);
  if (!at::isfinite(weights).all().item<bool>()) {
    throw Error({"a weight is NaN or infinite", file_.string() + ": " + name, "finite weights",
                 std::to_string(at::isfinite(weights).logical_not().sum().item<std::int64_t>()) +
                     " of " + std::to_string(weights.numel()) + " values are not finite",
                 "the file is damaged or the model diverged; get it again"});
  }
  return weights;
}

}  // namespace pressroom
