#include "bundle/bundle_frame.h"

#include <zstd.h>
#include <zstd_errors.h>

#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "base/file_kinds.h"
#include "base/strings.h"
#include "pressroom/error.h"
#include "sdk/decoder.h"

namespace pressroom {
namespace {

constexpr int kZstdLevel = 15;  // from 16 on, weights that do not shrink take eight times as long
constexpr std::string_view kZstdMagic = "\x28\xB5\x2F\xFD";

struct FreeCompressor {
  void operator()(ZSTD_CCtx* compressor) const { ZSTD_freeCCtx(compressor); }
};

// One frame and nothing else: the decoder alone would take others behind it.
void check_frame(std::string_view frame, const std::string& where) {
  if (frame.empty()) refuse_cut(where, "an empty file");
  if (!begins_with(frame, kZstdMagic)) {
    const std::vector<Problem> known = stand_in(where, frame.substr(0, kStandInBytes));
    if (!known.empty()) throw Error(known);
    refuse_bundle("the file is not a bundle", where, "a tar archive compressed by zstd",
                  "a file that begins with " + quoted_start(frame));
  }
  const std::size_t size = ZSTD_findFrameCompressedSize(frame.data(), frame.size());
  if (ZSTD_getErrorCode(size) == ZSTD_error_srcSize_wrong) {
    refuse_cut(where, "zstd data without their end");
  }
  if (ZSTD_isError(size)) refuse_damaged(where, ZSTD_getErrorName(size));
  if (size != frame.size()) refuse_trailing(where, "the zstd data");
}

}  // namespace

void refuse_bundle(const std::string& what, const std::string& where, const std::string& expected,
                   const std::string& got) {
  throw Error(
      {what, where, expected, got,
       "get the bundle again from where it was made; if it is the same then, do not use it"});
}

void refuse_cut(const std::string& where, const std::string& got) {
  refuse_bundle("the bundle is cut short", where, "a whole file", got);
}

void refuse_damaged(const std::string& where, const std::string& got) {
  refuse_bundle("the bundle is damaged", where, "an archive that can be unpacked", got);
}

void refuse_trailing(const std::string& where, const std::string& behind) {
  refuse_bundle("something follows the bundle's content", where, "nothing behind " + behind,
                "more bytes");
}

// In one call: how a stream is cut into pieces would show in its bytes.
std::string pack_frame(std::string_view tar) {
  const std::unique_ptr<ZSTD_CCtx, FreeCompressor> compressor(ZSTD_createCCtx());
  if (compressor == nullptr) throw std::bad_alloc();
  const auto set = [&](ZSTD_cParameter parameter, int value) {
    PRESSROOM_ASSERT(!ZSTD_isError(ZSTD_CCtx_setParameter(compressor.get(), parameter, value)));
  };
  set(ZSTD_c_compressionLevel, kZstdLevel);
  set(ZSTD_c_checksumFlag, 1);
  std::string bytes(ZSTD_compressBound(tar.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(compressor.get(), bytes.data(), bytes.size(), tar.data(), tar.size());
  if (ZSTD_isError(size)) throw std::bad_alloc();  // there is room: nothing else can fail
  bytes.resize(size);
  return bytes;
}

void refuse_large_frame(std::uint64_t bytes, const std::string& where, const BundleLimits& limits) {
  if (bytes <= limits.unpacked_bytes) return;
  refuse_bundle("the bundle is too large", where,
                "at most " + std::to_string(limits.unpacked_bytes) + " bytes",
                std::to_string(bytes));
}

std::string unpack_frame(std::string_view frame, const std::string& where,
                         const BundleLimits& limits) {
  refuse_large_frame(frame.size(), where, limits);
  check_frame(frame, where);
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t expanded =
      limits.expansion > most / frame.size() ? most : limits.expansion * frame.size();
  const std::uint64_t in_file = frame.size();
  const std::unique_ptr<Decoder> decoder = make_zstd_decoder();
  std::string tar;
  std::string piece(ZSTD_DStreamOutSize(), '\0');
  for (;;) {
    const Decoder::Step step = decoder->step(frame, /*last=*/true, piece.data(), piece.size());
    frame.remove_prefix(step.taken);
    tar.append(piece, 0, step.given);
    if (step.bad) refuse_damaged(where, step.bad->reason);
    if (tar.size() > limits.unpacked_bytes) {
      refuse_bundle("the bundle is too large", where,
                    "at most " + std::to_string(limits.unpacked_bytes) + " bytes unpacked", "more");
    }
    if (tar.size() > expanded) {
      refuse_bundle("the bundle unpacks to far more than a plugin", where,
                    "at most " + std::to_string(limits.expansion) + " times its " +
                        std::to_string(in_file) + " bytes",
                    "more");
    }
    if (step.complete) return tar;
    if (frame.empty() && step.given == 0) refuse_cut(where, "zstd data without their end");
  }
}

}  // namespace pressroom
