#include <zlib.h>

#include <new>

#include "pressroom/error.h"
#include "sdk/member_decoder.h"

namespace pressroom {
namespace {

constexpr int kGzipOnly = 16;  // added to the bits of the window: no zlib and no raw streams

std::string reason_of(int status, const char* message) {
  if (status == Z_NEED_DICT || message == nullptr) return "the gzip data are damaged";
  const std::string text = message;
  if (text == "incorrect data check" || text == "incorrect length check") {
    return "the content is not what was compressed";
  }
  return text;
}

class GzipDecoder final : public MemberDecoder {
 public:
  GzipDecoder() : MemberDecoder('\x1F', "gzip") {
    if (inflateInit2(&stream_, MAX_WBITS + kGzipOnly) != Z_OK) throw std::bad_alloc();
  }
  ~GzipDecoder() override { inflateEnd(&stream_); }

 private:
  void begin() override { PRESSROOM_ASSERT(inflateReset(&stream_) == Z_OK); }

  Step inside(std::string_view input, char* out, std::size_t room) override {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    Step step = {input.size() - stream_.avail_in, room - stream_.avail_out, status == Z_STREAM_END};
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
