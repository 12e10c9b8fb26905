#include <bzlib.h>

#include <new>

#include "sdk/member_decoder.h"

namespace pressroom {
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

}  // namespace pressroom
