#include <lzma.h>

#include <new>

#include "sdk/decoder.h"

namespace pressroom {
namespace {

// The dictionary, and room for the rest of the decoder.
constexpr std::uint64_t kMostMemory = kMostWindowBytes + (std::uint64_t{1} << 20);

BadStream bad_stream(lzma_ret status) {
  switch (status) {
    case LZMA_MEMLIMIT_ERROR:
      return {"it takes more than 128 MiB of memory to uncompress", "xz -d"};
    case LZMA_OPTIONS_ERROR:
      return {"it uses a part of the format that is not known here", ""};
    case LZMA_UNSUPPORTED_CHECK:
      return {"its content is guarded by a checksum that is not known here", ""};
    case LZMA_FORMAT_ERROR:
      return {"something else follows the xz data", ""};
    default:
      return {"the content is not what was compressed", ""};
  }
}

class XzDecoder final : public Decoder {
 public:
  XzDecoder() {
    if (lzma_stream_decoder(&stream_, kMostMemory,
                            LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
      throw std::bad_alloc();
    }
  }
  ~XzDecoder() override { lzma_end(&stream_); }

  // The library goes through streams in a row and the padding between them by itself.
  Step step(std::string_view input, bool last, char* out, std::size_t room) override {
    if (ended_) return {0, 0, input.empty()};
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream_.avail_in = input.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out);
    stream_.avail_out = room;
    const lzma_ret status = lzma_code(&stream_, last ? LZMA_FINISH : LZMA_RUN);
    if (status == LZMA_MEM_ERROR) throw std::bad_alloc();
    Step step = {input.size() - stream_.avail_in, room - stream_.avail_out};
    ended_ = status == LZMA_STREAM_END;
    step.complete = ended_ && step.given == 0;
    // LZMA_BUF_ERROR: nothing could be done without more input.
    if (status != LZMA_OK && status != LZMA_STREAM_END && status != LZMA_BUF_ERROR) {
      step.bad = bad_stream(status);
    }
    return step;
  }

 private:
  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_xz_decoder() { return std::make_unique<XzDecoder>(); }

}  // namespace pressroom
