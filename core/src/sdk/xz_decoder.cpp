#include <lzma.h>

#include <new>

#include "sdk/member_decoder.h"

namespace pressroom {
namespace {

// The dictionary, and room for the rest of the decoder.
constexpr std::uint64_t kMostMemory = kMostWindowBytes + (std::uint64_t{1} << 20);

constexpr std::string_view kMagic("\xFD\x37zXZ\0", 6);

BadStream bad_stream(lzma_ret status) {
  switch (status) {
    case LZMA_MEMLIMIT_ERROR:
      return {"it takes more than 128 MiB of memory to uncompress", "xz -d"};
    case LZMA_OPTIONS_ERROR:
      return {"it uses a part of the format that is not known here", ""};
    case LZMA_UNSUPPORTED_CHECK:
      return {"its content is guarded by a checksum that is not known here", ""};
    case LZMA_FORMAT_ERROR:  // the magic was cut by the end of a piece
      return {"something else follows the xz data", ""};
    default:
      return {"the content is not what was compressed", ""};
  }
}

class XzDecoder final : public MemberDecoder {
 public:
  XzDecoder() : MemberDecoder(kMagic, "xz", /*unit=*/4) {}
  ~XzDecoder() override { lzma_end(&stream_); }

 private:
  // Not LZMA_CONCATENATED: with it, the library takes few stray bytes for a stream that is cut.
  void begin() override {
    if (lzma_stream_decoder(&stream_, kMostMemory, LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
      throw std::bad_alloc();
    }
  }

  Step inside(std::string_view input, char* out, std::size_t room) override {
    offer(input, out, room, stream_);
    const lzma_ret status = lzma_code(&stream_, LZMA_RUN);
    if (status == LZMA_MEM_ERROR) throw std::bad_alloc();
    Step step = taken(input, room, stream_, status == LZMA_STREAM_END);
    // LZMA_BUF_ERROR: nothing could be done without more input.
    if (status != LZMA_OK && status != LZMA_STREAM_END && status != LZMA_BUF_ERROR) {
      step.bad = bad_stream(status);
    }
    return step;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::unique_ptr<Decoder> make_xz_decoder() { return std::make_unique<XzDecoder>(); }

}  // namespace pressroom
