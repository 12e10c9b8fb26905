// Text that is shown as it comes and ends before the first of some strings, which may straddle the
// pieces that it comes in.
//
//   StopStrings stops({"\n\n", "User:"});
//   stops.push("Yes.\n");     // "Yes."; the line end may begin a stop string
//   stops.push("Us");         // "\n"
//   stops.push("er: And");    // ""; nothing more is let through
//   stops.found();            // "User:"
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

class StopStrings {
 public:
  // Throws Error, naming --stop, for one that is empty or no UTF-8.
  explicit StopStrings(std::vector<std::string> stops);

  // What of the text so far is certain to stand before a stop string and was not returned before.
  // The text ends where the stop string that is complete first begins - the longest where several
  // are complete at once - however it is cut into pieces.
  std::string push(std::string_view piece);

  // What was held back, when nothing more comes.
  std::string finish();

  // The stop string at which the text has ended; nullptr before.
  const std::string* found() const { return found_; }

 private:
  void take(char c);
  std::size_t bytes_to_hold() const;

  std::vector<std::string> stops_;
  std::string held_;  // may begin a stop string
  const std::string* found_ = nullptr;
};

}  // namespace pressroom
