#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "pressroom/error.h"
#include "sdk/decoder.h"

namespace pressroom {
namespace {

constexpr int kMostWindowLog = 27;
static_assert(kMostWindowBytes == std::size_t{1} << kMostWindowLog);

BadStream bad_stream(std::size_t code) {
  switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_frameParameter_windowTooLarge:
      return {"it takes more than 128 MiB of memory to uncompress", "zstd -d --long=31"};
    case ZSTD_error_prefix_unknown:
      return {"something else follows the zstd data", ""};
    case ZSTD_error_checksum_wrong:
      return {"the content is not what was compressed", ""};
    default:
      return {ZSTD_getErrorName(code), ""};
  }
}

class ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : context_(ZSTD_createDCtx()) {
    if (context_ == nullptr) throw std::bad_alloc();
    PRESSROOM_ASSERT(
        !ZSTD_isError(ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMostWindowLog)));
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(context_); }

  Step step(std::string_view input, bool last, char* out, std::size_t room) override {
    // Asked now, the library would say that it waits for the next frame.
    if (frame_ended_ && input.empty()) return {0, 0, last};
    ZSTD_inBuffer in = {input.data(), input.size(), 0};
    ZSTD_outBuffer given = {out, room, 0};
    const std::size_t code = ZSTD_decompressStream(context_, &given, &in);
    Step step = {in.pos, given.pos};
    if (ZSTD_isError(code)) {
      if (ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation) throw std::bad_alloc();
      step.bad = bad_stream(code);
    }
    frame_ended_ = code == 0;
    return step;
  }

 private:
  ZSTD_DCtx* context_;
  bool frame_ended_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_zstd_decoder() { return std::make_unique<ZstdDecoder>(); }

}  // namespace pressroom
