#include "sdk/file_kinds.h"

#include <algorithm>
#include <fstream>
#include <system_error>

namespace pressroom {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// Whether `text` begins with `start`, which is in small letters, in whatever case.
bool begins_with(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(), [](char small, char c) {
           return small == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
         });
}

// The specification of Git LFS asks for this line first; the second host is its older name.
bool is_lfs_pointer(std::string_view start) {
  return begins_with(start, "version https://git-lfs.") ||
         begins_with(start, "version https://hawser.");
}

std::string_view without_white_space(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// A page, or an error as storage services send it ("<?xml ...?><Error>..."): neither begins any
// format that a model or a dataset comes in.
bool is_page(std::string_view start) {
  if (begins_with(start, "\xEF\xBB\xBF")) start.remove_prefix(3);
  start = without_white_space(start);
  if (begins_with(start, "<?xml")) {
    const std::size_t end = start.find("?>");
    if (end == std::string_view::npos) return false;
    start = without_white_space(start.substr(end + 2));
    if (begins_with(start, "<error>")) return true;
  }
  return begins_with(start, "<!doctype html") || begins_with(start, "<html");
}

bool is_named_as_page(const std::string& path) {
  return has_ending(path, ".html") || has_ending(path, ".htm") || has_ending(path, ".xhtml") ||
         has_ending(path, ".xml");
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

std::vector<Problem> stand_in(const std::string& path, std::string_view start) {
  if (is_lfs_pointer(start)) {
    return {{"the file is a Git LFS pointer, not the data", path, "the data", quoted_start(start),
             "run \"git lfs pull\" in the repository it is from"}};
  }
  if (is_page(start) && !is_named_as_page(path)) {
    return {
        {"the file is a page of a web server, not the data", path, "the data", quoted_start(start),
         "fetch it again from the address of the file itself (on the hub: resolve, not blob, in "
         "the address); a page that is meant is named .html"}};
  }
  return {};
}

void refuse_stand_in(const std::filesystem::path& path) {
  std::error_code unknown;
  // A pipe would be waited for, and what is read from it be missing for whoever comes next.
  if (!std::filesystem::is_regular_file(path, unknown)) return;
  std::string start(kStandInBytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  std::vector<Problem> problems = stand_in(path.string(), start);
  if (!problems.empty()) throw Error(std::move(problems));
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
