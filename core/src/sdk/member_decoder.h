// What gzip and bzip2 have in common: their libraries end with each member of a file (bzip2 calls
// it a stream), and what may follow is decided here.
#pragma once

#include "sdk/decoder.h"

namespace pressroom {

class MemberDecoder : public Decoder {
 public:
  Step step(std::string_view input, bool last, char* out, std::size_t room) final;

 protected:
  // `first`: the byte that every member begins with; `name`: what to call such data.
  MemberDecoder(char first, const char* name) : first_(first), name_(name) {}

  // Makes the library ready for a member.
  virtual void begin() = 0;
  // As step(), inside one member; complete: the member has ended.
  virtual Step inside(std::string_view input, char* out, std::size_t room) = 0;

 private:
  // Takes what lies between two members, or behind the last, and begins the next one.
  Step between(std::string_view input, bool last);

  char first_;
  const char* name_;
  bool inside_ = false;
  bool any_ = false;     // a member has ended
  bool padded_ = false;  // zeros have followed it
};

}  // namespace pressroom
