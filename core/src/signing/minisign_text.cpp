#include "signing/minisign_text.h"

#include <sodium.h>

#include <algorithm>

#include "base/strings.h"
#include "base/utf8.h"

namespace pressroom {
namespace {

// No key and no signature is as long.
constexpr std::size_t kMostTextBytes = 16384;

std::size_t base64_length(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// Of the line that says what a text is: the second, or the only one.
std::string kind_by_length(std::string_view line) {
  if (line.size() == base64_length(kPublicKeyBytes)) return "a public key";
  if (line.size() == base64_length(kSecretKeyBytes)) return "a secret key";
  if (line.size() == base64_length(kSignatureBytes)) return "a signature";
  return "";
}

}  // namespace

void start_sodium() {
  static const bool started = sodium_init() >= 0;
  if (started) return;
  throw Error({"the library of signatures does not start", "libsodium",
               "a source of random numbers", "", "check that /dev/urandom can be read"});
}

std::vector<std::string_view> text_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  if (text.size() > kMostTextBytes) return lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (end < text.size() && !line.empty() && line.back() == '\r') line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

bool is_comment(std::string_view line, std::string_view prefix, std::size_t most_bytes) {
  return line.substr(0, prefix.size()) == prefix && line.size() - prefix.size() <= most_bytes;
}

bool decode_base64(std::string_view line, unsigned char* bytes, std::size_t size) {
  // Libsodium 1.0.18 reads a slash, and a plus, with its highest bit set as if it had not.
  if (std::any_of(line.begin(), line.end(), [](char c) { return (c & 0x80) != 0; })) return false;
  // Its decoder takes as long for one text as for another of the same length, and refuses what
  // encodes the same bytes in another way.
  std::size_t found = 0;
  return sodium_base642bin(bytes, size, line.data(), line.size(), /*ignore=*/nullptr, &found,
                           /*b64_end=*/nullptr, sodium_base64_VARIANT_ORIGINAL) == 0 &&
         found == size;
}

std::string encode_base64(const unsigned char* bytes, std::size_t size) {
  // With the NUL that libsodium puts behind it.
  std::string text(sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, size, sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return text;
}

Error not_a(const std::string& wanted, std::string_view text, const std::string& where) {
  const std::vector<std::string_view> lines = text_lines(text);
  std::string got = counted(static_cast<std::int64_t>(text.size()), "byte", "bytes");
  if (!lines.empty()) {
    const std::string kind = kind_by_length(lines[std::min<std::size_t>(1, lines.size() - 1)]);
    got = counted(static_cast<std::int64_t>(lines.size()), "line", "lines");
    if (kind == wanted) got += ", damaged";
    if (kind != wanted && !kind.empty()) got = kind;
  }
  std::string form = "two lines, as minisign -G writes them";
  if (wanted == "a public key") form += ", or the second of them";
  if (wanted == "a signature") form = "four lines, as minisign -S writes them";
  return Error(
      {"this is not " + wanted, where, form, got, "check which file is meant, and copy it again"});
}

void check_comment(std::string_view comment, const char* name, std::size_t most_bytes) {
  const std::string where = std::string("the ") + name;
  if (comment.size() > most_bytes) {
    throw Error({"the comment is too long to be read again", where,
                 std::to_string(most_bytes) + " bytes at most",
                 std::to_string(comment.size()) + " bytes", "shorten it"});
  }
  // A line end would forge the line after it, and an escape sequence steer who prints it.
  if (escaped(comment) == comment && comment.find('\n') == std::string_view::npos) return;
  throw Error({"the comment is not one line of text", where, "UTF-8 without control characters",
               printable_line(comment), "write it in one line"});
}

}  // namespace pressroom
