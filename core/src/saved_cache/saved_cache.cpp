#include "saved_cache/saved_cache.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_text.h"
#include "base/mapped_file.h"
#include "base/sha256.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "weights/safetensors.h"
#include "weights/safetensors_text.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kFormat = "pressroom saved cache";
constexpr const char* kFormatVersion = "2";
constexpr const char* kWhatToDo = "save the cache again (--save-cache)";

[[noreturn]] void damaged(const fs::path& file, const std::string& expected,
                          const std::string& got) {
  throw Error({"the saved cache is damaged", file.string(), expected, got, kWhatToDo});
}

// Of a file whose metadata have no sum yet. The header by its content, in whatever order.
std::string sum_of(const nlohmann::json& header, const std::vector<std::string_view>& data) {
  Sha256 sum;
  sum.update(header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  for (const std::string_view part : data) sum.update(part);
  return sum.hex();
}

// A file as far as it is looked at before a sequence takes it up.
class SavedCacheFile {
 public:
  explicit SavedCacheFile(const fs::path& file)
      : mapped_(file, "the saved cache"), header_(safetensors_header(mapped_.bytes(), file)) {
    if (text("format") != kFormat) {
      throw Error({"not a saved cache", file.string(), "a file that --save-cache has written",
                   "a safetensors file of something else", ""});
    }
    if (text("format_version") != kFormatVersion) {
      throw Error({"the saved cache is of another version of the format", file.string(),
                   kFormatVersion, excerpt(text("format_version")),
                   "read it with the Pressroom that wrote it, or save the cache again"});
    }
  }

  SavedCacheFacts facts() const { return {count("tokens"), count("prompt_tokens")}; }

  // What it was made from.
  Json origin() const {
    Json parts = Json::parse(text("made_from"), nullptr, false);
    if (!parts.is_object())
      damaged(path(), "an object as \"made_from\"", excerpt(text("made_from")));
    return parts;
  }

  // Its tensors, after all of the file has been looked at.
  std::map<std::string, SafetensorsEntry> tensors() const {
    auto tensors = parse_safetensors(mapped_.bytes(), path());
    nlohmann::json header = header_;
    header["__metadata__"].erase("sha256");
    const std::string sum = sum_of(header, {safetensors_data(mapped_.bytes(), path())});
    if (sum != text("sha256")) {
      damaged(path(), "content whose SHA-256 is " + excerpt(text("sha256")), sum);
    }
    return tensors;
  }

  const fs::path& path() const { return mapped_.path(); }

 private:
  // Of the metadata; "" where it is missing.
  std::string text(const char* name) const {
    const auto metadata = header_.find("__metadata__");
    if (metadata == header_.end() || !metadata->is_object()) return "";
    const auto found = metadata->find(name);
    return found != metadata->end() && found->is_string() ? found->get<std::string>() : "";
  }

  std::int64_t count(const char* name) const {
    const Json number = Json::parse(text(name), nullptr, false);
    if (number.is_number_unsigned() && number > 0) return number;
    damaged(path(), std::string(name) + " as a whole number", excerpt(text(name)));
  }

  MappedFile mapped_;
  nlohmann::json header_;
};

std::string shown(const Json& parts, const std::string& name) {
  const auto found = parts.find(name);
  if (found == parts.end() || found->is_null()) return name + " none";
  return name + " " + (found->is_string() ? found->get<std::string>() : found->dump());
}

// Throws Error, naming all that differs, unless the file was made from what `asked` says.
void check_origin(const Json& asked, const Json& saved, const fs::path& file) {
  std::vector<std::string> names;
  for (const Json* parts : {&asked, &saved}) {
    for (const auto& part : parts->items()) {
      const bool differs = asked.value(part.key(), Json()) != saved.value(part.key(), Json());
      const bool is_new = std::find(names.begin(), names.end(), part.key()) == names.end();
      if (differs && is_new) names.push_back(part.key());
    }
  }
  if (names.empty()) return;
  std::string expected, got;
  for (const std::string& name : names) {
    const char* between = name == names.front() ? "" : ", ";
    expected += between + shown(asked, name);
    got += between + excerpt(shown(saved, name));
  }
  throw Error({"the saved cache was made from something else", file.string(), expected, got,
               "ask for what made it, or save the cache again (--save-cache)"});
}

// Writes the bytes of tensor `array.name` to where the array lies.
void read_into(const StoredArray& array, const std::map<std::string, SafetensorsEntry>& tensors,
               const fs::path& file) {
  const std::string what = array.dtype + " " + shape_text(array.shape) + " as " + array.name;
  const auto found = tensors.find(array.name);
  if (found == tensors.end()) damaged(file, what, "no such tensor");
  const SafetensorsEntry& tensor = found->second;
  const auto size = static_cast<std::int64_t>(tensor.bytes.size());
  if (tensor.dtype != array.dtype || tensor.shape != array.shape || size != array.bytes()) {
    damaged(file, what,
            excerpt(tensor.dtype + " " + shape_text(tensor.shape) + " of " + std::to_string(size) +
                    " bytes"));
  }
  const char* from = tensor.bytes.data();
  for (const StoredPiece& piece : array.pieces) {
    if (piece.size > 0) std::memcpy(piece.bytes, from, static_cast<std::size_t>(piece.size));
    from += piece.size;
  }
}

}  // namespace

void save_sequence(const Sequence& sequence, const SavedSequenceOrigin& origin,
                   const fs::path& file) {
  Json header;
  header["__metadata__"] = {
      {"format", kFormat},
      {"format_version", kFormatVersion},
      {"made_from", json_line(made_from(origin, sequence))},
      {"tokens", std::to_string(sequence.ids().size())},
      {"prompt_tokens", std::to_string(sequence.settings().protocol.prefill_tokens)}};
  std::vector<std::string_view> data;
  std::int64_t end = 0;
  for (const StoredArray& array : sequence.stored()) {
    const std::int64_t begin = end;
    end += array.bytes();
    header[array.name] = {
        {"dtype", array.dtype}, {"shape", array.shape}, {"data_offsets", {begin, end}}};
    for (const StoredPiece& piece : array.pieces) {
      data.emplace_back(piece.bytes, static_cast<std::size_t>(piece.size));
    }
  }
  header["__metadata__"]["sha256"] = sum_of(header, data);
  std::string bytes = safetensors_head(header);
  bytes.reserve(bytes.size() + static_cast<std::size_t>(end));
  for (const std::string_view part : data) bytes += part;
  write_file_atomically(file, bytes);
}

SavedCacheFacts saved_cache_facts(const fs::path& file) { return SavedCacheFile(file).facts(); }

void load_sequence(Sequence& sequence, const SavedSequenceOrigin& origin, const fs::path& file) {
  const SavedCacheFile saved(file);
  check_origin(made_from(origin, sequence), saved.origin(), file);
  const SavedCacheFacts facts = saved.facts();
  const auto tensors = saved.tensors();
  try {
    sequence.restore(facts.tokens, facts.prompt_tokens,
                     [&](const StoredArray& array) { read_into(array, tensors, file); });
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      if (problem.where != file.string()) problem.where = file.string() + ", " + problem.where;
    }
    throw Error(std::move(problems));
  }
}

}  // namespace pressroom
