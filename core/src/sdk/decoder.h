// Compressed data, undone a piece at a time by the compression's own library.
//
// What comes through is what `gzip -t`, `xz -t`, `zstd -t` and `bzip2 -t` pass: every member,
// stream or frame of a file is whole, its checksum is right, and nothing follows the last one but
// the zeros that padded files end in (none for zstd; for xz, a multiple of four). Stricter than
// bzip2 alone, which passes over whatever follows: a second stream behind stray bytes would be
// lost.
//
//   const std::unique_ptr<Decoder> decoder = make_decoder(compression_of(start));   // ".gz"
//   const Decoder::Step step = decoder->step(input, is_last, out, room);
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

// The four decoders (sdk/format_decoders.cpp).
std::unique_ptr<Decoder> make_gzip_decoder();
std::unique_ptr<Decoder> make_zstd_decoder();
std::unique_ptr<Decoder> make_xz_decoder();
std::unique_ptr<Decoder> make_bzip2_decoder();

// What gzip, bzip2 and xz have in common: their libraries end with each member of a file (bzip2 and
// xz call it a stream), and what may follow is decided here.
class MemberDecoder : public Decoder {
 public:
  Step step(std::string_view input, bool last, char* out, std::size_t room) final;

 protected:
  // `magic`: the bytes that every member begins with, which must outlive this; `name`: what to call
  // such data. Zeros behind a member are padding: of any size, and then they end the file, or, with
  // `unit`, of a multiple of it, and then a member may follow.
  MemberDecoder(std::string_view magic, const char* name, std::size_t unit = 0)
      : magic_(magic), name_(name), unit_(unit) {}

  // Makes the library ready for a member.
  virtual void begin() = 0;
  // As step(), inside one member; complete: the member has ended.
  virtual Step inside(std::string_view input, char* out, std::size_t room) = 0;

  // Before and after a call of a library: zlib's stream, which the others' have the fields of.
  template <typename Stream>
  static void offer(std::string_view input, char* out, std::size_t room, Stream& stream) {
    stream.next_in = reinterpret_cast<decltype(stream.next_in)>(const_cast<char*>(input.data()));
    stream.avail_in = static_cast<decltype(stream.avail_in)>(input.size());
    stream.next_out = reinterpret_cast<decltype(stream.next_out)>(out);
    stream.avail_out = static_cast<decltype(stream.avail_out)>(room);
  }
  template <typename Stream>
  static Step taken(std::string_view input, std::size_t room, const Stream& stream, bool complete) {
    return {input.size() - stream.avail_in, room - stream.avail_out, complete};
  }

 private:
  // Takes what lies between two members, or behind the last, and begins the next one.
  Step between(std::string_view input, bool last);

  std::string_view magic_;
  const char* name_;
  std::size_t unit_;
  bool inside_ = false;
  bool any_ = false;       // a member has ended
  std::size_t zeros_ = 0;  // behind it
};

}  // namespace pressroom
