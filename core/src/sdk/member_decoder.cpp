#include "sdk/member_decoder.h"

#include <algorithm>

namespace pressroom {

Decoder::Step MemberDecoder::step(std::string_view input, bool last, char* out, std::size_t room) {
  if (!inside_) return between(input, last);
  Step step = inside(input, out, room);
  if (step.complete) {
    inside_ = false;
    any_ = true;
    step.complete = false;  // something may follow, which the next step sees
  }
  return step;
}

Decoder::Step MemberDecoder::between(std::string_view input, bool last) {
  Step step;
  if (any_) {
    step.taken = std::min(input.find_first_not_of('\0'), input.size());
    padded_ = padded_ || step.taken > 0;
  }
  if (step.taken == input.size()) {
    step.complete = last && any_;
    return step;
  }
  // Padding ends a file: a member behind it is one that the tools do not read.
  if (padded_ || (any_ && input[step.taken] != first_)) {
    step.bad = BadStream{std::string("something else follows the ") + name_ + " data", ""};
    return step;
  }
  begin();
  inside_ = true;
  return step;
}

}  // namespace pressroom
