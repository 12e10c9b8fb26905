#include "sdk/file_kinds.h"

#include <filesystem>

namespace pressroom {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

std::string compression_ending(const std::string& name) {
  for (const char* ending : {".gz", ".zst", ".xz", ".bz2"}) {
    if (ends_with(name, ending)) return ending;
  }
  return "";
}

bool has_ending(const std::string& name, const std::string& ending) {
  const std::string_view stem(name.data(), name.size() - compression_ending(name).size());
  return ends_with(stem, ending);
}

std::string name_pattern(const std::string& name) {
  const std::string compression = compression_ending(name);
  const std::filesystem::path stem = name.substr(0, name.size() - compression.size());
  if (!stem.has_extension()) return name;
  return "*" + stem.extension().string() + compression;
}

std::vector<Problem> foreign_format(const std::string& path) {
  if (ends_with(path, ".parquet")) {
    return {{"Parquet has to be converted before it can be read", path, "text or JSON lines",
             "a Parquet file",
             "scripts/parquet-to-jsonl " + path + " OUT.jsonl.gz, then give OUT.jsonl.gz"}};
  }
  for (const char* ending : {".zip", ".tar", ".tgz"}) {
    if (!has_ending(path, ending)) continue;
    return {{"an archive has to be unpacked before it can be read", path,
             "a text or JSON lines file, or a folder of them", "an archive of several files",
             std::string(ends_with(path, ".zip") ? "unzip " : "tar -xf ") + path +
                 ", then give what came out of it"}};
  }
  return {};
}

std::string quoted_start(std::string_view bytes) {
  constexpr std::size_t kMostBytes = 40;
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text = "\"";
  for (const char c : bytes.substr(0, kMostBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xF]};
    }
  }
  return text + (bytes.size() > kMostBytes ? "...\"" : "\"");
}

}  // namespace pressroom
