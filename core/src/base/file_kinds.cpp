#include "base/file_kinds.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

#include "base/strings.h"
#include "pressroom/stand_in.h"

namespace pressroom {
namespace {

// The specification of Git LFS asks for this line first; the second host is its older name.
bool is_lfs_pointer(std::string_view start) {
  return begins_with(start, "version https://git-lfs.") ||
         begins_with(start, "version https://hawser.");
}

// `start` in small letters.
bool begins_with_ignoring_case(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(), [](char small, char c) {
           return small == (c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c);
         });
}

std::string_view without_white_space(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

// What follows `open` ... `close` and white space, where `text` begins with that: all of `text`
// where it does not, nothing where there is no end.
std::string_view behind(std::string_view text, std::string_view open, std::string_view close) {
  if (!begins_with_ignoring_case(text, open)) return text;
  const std::size_t end = text.find(close, open.size());
  if (end == std::string_view::npos) return {};
  return without_white_space(text.substr(end + close.size()));
}

// Whether `text` begins with this tag in small or capital letters, and not with one whose name is
// longer: <head>, not <header>.
bool begins_with_tag(std::string_view text, std::string_view tag) {
  if (!begins_with_ignoring_case(text, tag) || text.size() == tag.size()) return false;
  return std::string_view(" \t\r\n>").find(text[tag.size()]) != std::string_view::npos;
}

// A page, or an error as storage services send it ("<?xml ...?><Error>..."): neither begins any
// format that a model or a dataset comes in.
bool is_page(std::string_view start) {
  if (begins_with(start, "\xEF\xBB\xBF")) start.remove_prefix(3);
  start = without_white_space(start);
  const bool is_xml = begins_with_ignoring_case(start, "<?xml");
  start = behind(start, "<?xml", "?>");
  while (begins_with_ignoring_case(start, "<!--")) start = behind(start, "<!--", "-->");
  return (is_xml && begins_with_ignoring_case(start, "<error>")) ||
         begins_with_ignoring_case(start, "<!doctype html") || begins_with_tag(start, "<html") ||
         begins_with_tag(start, "<head");
}

// A control character that no text has.
bool is_no_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x08 || (byte >= 0x0E && byte < 0x20 && byte != 0x1B);
}

bool is_named_as_page(const std::string& path) {
  return has_ending(path, ".html") || has_ending(path, ".htm") || has_ending(path, ".xhtml") ||
         has_ending(path, ".xml");
}

}  // namespace

PathKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return PathKind::kFile;
  if (S_ISDIR(mode)) return PathKind::kFolder;
  if (S_ISFIFO(mode)) return PathKind::kPipe;
  if (S_ISSOCK(mode)) return PathKind::kSocket;
  return S_ISCHR(mode) || S_ISBLK(mode) ? PathKind::kDevice : PathKind::kUnknown;
}

PathKind kind_at(const std::filesystem::path& path, std::error_code& failed) {
  failed.clear();
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) return kind_of(status.st_mode);
  if (errno == ENOENT || errno == ENOTDIR) return PathKind::kNothing;
  failed.assign(errno, std::generic_category());
  return PathKind::kUnknown;
}

std::string words_of(PathKind kind, std::error_code failed) {
  if (failed) return failed.message();
  switch (kind) {
    case PathKind::kFile:
      return "a regular file";
    case PathKind::kFolder:
      return "a folder";
    case PathKind::kPipe:
      return "a pipe";
    case PathKind::kSocket:
      return "a socket";
    case PathKind::kDevice:
      return "a device";
    case PathKind::kNothing:
      return "nothing of that name";
    default:
      return "something of an unknown kind";
  }
}

bool is_waited_for(PathKind kind) {
  return kind == PathKind::kPipe || kind == PathKind::kSocket || kind == PathKind::kDevice;
}

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

const char* const kNoPipes =
    "write its content to a file and give that: files are read more than once, and hashed";

std::string wide_encoding(std::string_view bytes) {
  std::array<std::size_t, 4> controls = {};  // by place in a unit of four bytes
  for (std::size_t i = 0; i < bytes.size(); ++i) controls[i % 4] += is_no_text(bytes[i]) ? 1 : 0;
  const std::size_t all = controls[0] + controls[1] + controls[2] + controls[3];
  // A stray NUL is no sign, nor are the backspaces, form feeds and escapes of old terminals.
  if (all < 4 || all * 20 <= bytes.size()) return "";
  const bool marked = begins_with(bytes, "\xFF\xFE") || begins_with(bytes, "\xFE\xFF") ||
                      begins_with(bytes, std::string_view("\0\0\xFE\xFF", 4));
  // Of Latin text half of all bytes are NUL in UTF-16 and three quarters in UTF-32, whose little
  // endian mark begins like that of UTF-16.
  if (all * 10 > bytes.size() * 6) {
    return marked ? "UTF-32" : controls[0] < controls[3] ? "UTF-32LE" : "UTF-32BE";
  }
  if (marked) return "UTF-16";
  return controls[0] + controls[2] < controls[1] + controls[3] ? "UTF-16LE" : "UTF-16BE";
}

void refuse_stand_in(const std::filesystem::path& path) {
  std::error_code failed;
  const PathKind kind = kind_at(path, failed);
  if (is_waited_for(kind)) {
    throw Error({"this is no file", path.string(), "a regular file", words_of(kind), kNoPipes});
  }
  // What is missing or a folder is refused by whoever opens it.
  if (kind != PathKind::kFile) return;
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
