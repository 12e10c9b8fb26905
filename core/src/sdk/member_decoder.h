// What gzip, bzip2 and xz have in common: their libraries end with each member of a file (bzip2 and
// xz call it a stream), and what may follow is decided here.
#pragma once

#include "sdk/decoder.h"

namespace pressroom {

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
