#include "sdk/decoder.h"

#include "base/strings.h"

namespace pressroom {
namespace {

// "BZh", a level, and the start of a block or of the stream's end. A text may begin with the first
// four, so all ten are looked at.
bool is_bzip2(std::string_view start) {
  if (!begins_with(start, "BZh") || start.size() < 10) return false;
  const std::string_view next = start.substr(4, 6);
  return start[3] >= '1' && start[3] <= '9' &&
         (next == "\x31\x41\x59\x26\x53\x59" || next == "\x17\x72\x45\x38\x50\x90");
}

// A frame, or one of the sixteen kinds that are skipped.
bool is_zstd(std::string_view start) {
  if (begins_with(start, "\x28\xB5\x2F\xFD")) return true;
  return start.size() >= 4 && (static_cast<unsigned char>(start[0]) & 0xF0) == 0x50 &&
         start.substr(1, 3) == "\x2A\x4D\x18";
}

}  // namespace

std::string compression_of(std::string_view start) {
  if (begins_with(start, "\x1F\x8B")) return ".gz";
  if (is_zstd(start)) return ".zst";
  if (begins_with(start, std::string_view("\xFD\x37zXZ\0", 6))) return ".xz";
  return is_bzip2(start) ? ".bz2" : "";
}

std::unique_ptr<Decoder> make_decoder(const std::string& compression) {
  if (compression == ".gz") return make_gzip_decoder();
  if (compression == ".zst") return make_zstd_decoder();
  if (compression == ".xz") return make_xz_decoder();
  if (compression == ".bz2") return make_bzip2_decoder();
  return nullptr;
}

}  // namespace pressroom
