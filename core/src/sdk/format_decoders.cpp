// The decoders of gzip, bzip2, xz and zstd, each made of the library of its format.
#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <new>

#include "pressroom/error.h"
#include "sdk/decoder.h"

namespace pressroom {
namespace {

constexpr int kGzipOnly = 16;  // added to the bits of the window: no zlib and no raw streams

std::string words_of_zlib(int status, const char* message) {
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
      step.bad = BadStream{words_of_zlib(status, stream_.msg), ""};
    }
    return step;
  }

  z_stream stream_ = {};
};

}  // namespace

std::unique_ptr<Decoder> make_gzip_decoder() { return std::make_unique<GzipDecoder>(); }

namespace {

class Bzip2Decoder final : public MemberDecoder {
 public:
  Bzip2Decoder() : MemberDecoder("BZh", "bzip2") {}
  ~Bzip2Decoder() override { end(); }

 private:
  // The library cannot be set back.
  void begin() override {
    end();
    stream_ = {};
    if (BZ2_bzDecompressInit(&stream_, 0, 0) != BZ_OK) throw std::bad_alloc();
    begun_ = true;
  }

  void end() {
    if (begun_) BZ2_bzDecompressEnd(&stream_);
    begun_ = false;
  }

  Step inside(std::string_view input, char* out, std::size_t room) override {
    offer(input, out, room, stream_);
    const int status = BZ2_bzDecompress(&stream_);
    if (status == BZ_MEM_ERROR) throw std::bad_alloc();
    Step step = taken(input, room, stream_, status == BZ_STREAM_END);
    if (status == BZ_DATA_ERROR_MAGIC) {
      step.bad = BadStream{"something else follows the bzip2 data", ""};
    } else if (status != BZ_OK && status != BZ_STREAM_END) {
      step.bad = BadStream{"the content is not what was compressed", ""};
    }
    return step;
  }

  bz_stream stream_ = {};
  bool begun_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_bzip2_decoder() { return std::make_unique<Bzip2Decoder>(); }

namespace {

// The dictionary, and room for the rest of the decoder.
constexpr std::uint64_t kMostXzMemory = kMostWindowBytes + (std::uint64_t{1} << 20);

constexpr std::string_view kXzMagic("\xFD\x37zXZ\0", 6);

BadStream bad_xz(lzma_ret status) {
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
  XzDecoder() : MemberDecoder(kXzMagic, "xz", /*unit=*/4) {}
  ~XzDecoder() override { lzma_end(&stream_); }

 private:
  // Not LZMA_CONCATENATED: with it, the library takes few stray bytes for a stream that is cut.
  void begin() override {
    if (lzma_stream_decoder(&stream_, kMostXzMemory, LZMA_TELL_UNSUPPORTED_CHECK) != LZMA_OK) {
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
      step.bad = bad_xz(status);
    }
    return step;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
};

}  // namespace

std::unique_ptr<Decoder> make_xz_decoder() { return std::make_unique<XzDecoder>(); }

namespace {

constexpr int kMostWindowLog = 27;
static_assert(kMostWindowBytes == std::size_t{1} << kMostWindowLog);

BadStream bad_zstd(std::size_t code) {
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
      step.bad = bad_zstd(code);
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
