#include "sdk/member_decoder.h"

#include <algorithm>

namespace pressroom {

Decoder::Step MemberDecoder::step(std::string_view input, bool last, char* out, std::size_t room) {
  if (!inside_) return between(input, last);
  Step step = inside(input, out, room);
  if (step.complete) {
    inside_ = false;
    any_ = true;
    zeros_ = 0;
    step.complete = false;  // something may follow, which the next step sees
  }
  return step;
}

Decoder::Step MemberDecoder::between(std::string_view input, bool last) {
  Step step;
  if (any_) step.taken = std::min(input.find_first_not_of('\0'), input.size());
  zeros_ += step.taken;
  const std::string_view next = input.substr(step.taken);
  // Padding without a unit ends a file: a member behind it is one that the tools do not read.
  const bool may_follow = zeros_ == 0 || (unit_ > 0 && zeros_ % unit_ == 0);
  if (next.empty() && (!last || !any_ || unit_ == 0 || may_follow)) {
    step.complete = last && any_;
    return step;
  }
  // Of a member that is cut, as much of the magic as there is.
  const bool is_member =
      may_follow && !next.empty() && next.substr(0, magic_.size()) == magic_.substr(0, next.size());
  if (any_ && !is_member) {
    step.bad = BadStream{std::string("something else follows the ") + name_ + " data", ""};
    return step;
  }
  begin();
  inside_ = true;
  return step;
}

}  // namespace pressroom
