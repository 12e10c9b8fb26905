#include <zlib.h>

#include <new>

#include "pressroom/error.h"
#include "sdk/member_decoder.h"

namespace pressroom {
namespace {

constexpr int kGzipOnly = 16;  // added to the bits of the window: no zlib and no raw streams

std::string reason_of(int status, const char* message) {
  if (status == Z_NEED_DICT || message == nullptr) return "the gzip data are damaged";
  std::string text = message;
  if (text == "incorrect data check" || text == "incorrect length check") {
    return "the content is not what was compressed";
  }
  return text;
}

class GzipDecoder final : public MemberDecoder {
 public:
  GzipDecoder() : MemberDecoder("\x1F\x8B", "gzip") {
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }

 private:
  void begin() override { PRESSROOM_ASSERT(inflateReset(&stream_) == Z_OK); }

  Step inside(std::string_view input, char* out, std::size_t room) override {
    offer(input, out, room, stream_);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    Step step = taken(input, room, stream_, status == Z_STREAM_END);
    // Z_BUF_ERROR: nothing could be done without more input.
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      step.bad = BadStream{reason_of(status, stream_.msg), ""};
    }
    return step;
  }

  z_stream stream_ = {};
};

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder() { return std::make_unique<GzipDecoder>(); }

}  // namespace pressroom
