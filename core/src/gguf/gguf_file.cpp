#include "gguf/gguf_file.h"

#include "gguf/gguf_values.h"
#include "pressroom/error.h"

namespace pressroom {

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
