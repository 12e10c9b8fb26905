// Compressed data, undone a piece at a time by the compression's own library.
//
// What comes through is what `gzip -t`, `xz -t`, `zstd -t` and `bzip2 -t` pass: every member,
// stream or frame of a file is whole, its checksum is right, and nothing follows the last one but
// the zeros that padded files end in (none for zstd; for xz, a multiple of four). Stricter than
// bzip2 alone, which passes over whatever follows: a second stream behind stray bytes would be
// lost.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

// Why compressed data cannot be undone. ByteStream says where, and how far it got.
struct BadStream {
  std::string reason;
  std::string
      command;  // uncompresses it all the same, with the file's path behind; "": nothing can
};

class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  struct Step {
    std::size_t taken = 0;                        // bytes of the input that are done with
    std::size_t given = 0;                        // bytes of the room that were filled
    bool complete = false;                        // all is taken and given, and data may end here
    std::optional<BadStream> bad = std::nullopt;  // what is wrong behind what was given
  };

  // Undoes what it can of `input` into `room` bytes at `out`. `last`: nothing follows `input`. A
  // step of an empty, last input that gives nothing and is not complete says that the end is
  // missing. No step may follow a bad one.
  virtual Step step(std::string_view input, bool last, char* out, std::size_t room) = 0;
};

// ".gz", ".zst", ".xz" or ".bz2" for a file that begins with `start`, its first 10 bytes; "" for
// one that is not compressed.
std::string compression_of(std::string_view start);

// The decoder of `compression`, as compression_of names it; null for "".
std::unique_ptr<Decoder> make_decoder(const std::string& compression);

// The most memory for what a decoder may have to look back to: a zstd window, an xz dictionary.
// More than the usual levels of both need, and the most that zstd itself takes without being told.
constexpr std::size_t kMostWindowBytes = std::size_t{1} << 27;

// The four decoders.
std::unique_ptr<Decoder> make_gzip_decoder();
std::unique_ptr<Decoder> make_zstd_decoder();
std::unique_ptr<Decoder> make_xz_decoder();
std::unique_ptr<Decoder> make_bzip2_decoder();

}  // namespace pressroom
