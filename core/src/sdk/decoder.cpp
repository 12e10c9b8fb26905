#include "sdk/decoder.h"

#include <algorithm>

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

Decoder::Step MemberDecoder::step(std::string_view input, bool last, char* out, std::size_t room) {
  if (!inside_) return between(input, last);
  Step step = inside(input, out, room);
  if (step.complete) {
    inside_ = false;
    any_ = true;
    zeros_ = 0;
    step.complete = false;  // something may follow, which the next step sees
  }
  return step;
}

Decoder::Step MemberDecoder::between(std::string_view input, bool last) {
  Step step;
  if (any_) step.taken = std::min(input.find_first_not_of('\0'), input.size());
  zeros_ += step.taken;
  const std::string_view next = input.substr(step.taken);
  // Padding without a unit ends a file: a member behind it is one that the tools do not read.
  const bool may_follow = zeros_ == 0 || (unit_ > 0 && zeros_ % unit_ == 0);
  // Waits for more, or ends. Zeros at the end of a file that are no multiple of the unit pass on to
  // be refused below.
  if (next.empty() && (!last || !any_ || unit_ == 0 || may_follow)) {
    step.complete = last && any_;
    return step;
  }
  // Of a member that is cut, as much of the magic as there is.
  const bool is_member =
      may_follow && !next.empty() && next.substr(0, magic_.size()) == magic_.substr(0, next.size());
  // The magic of the first member chose this decoder.
  if (any_ && !is_member) {
    step.bad = BadStream{std::string("something else follows the ") + name_ + " data", ""};
    return step;
  }
  begin();
  inside_ = true;
  return step;
}

}  // namespace pressroom
