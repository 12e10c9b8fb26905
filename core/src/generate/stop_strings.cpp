#include "generate/stop_strings.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/utf8.h"
#include "pressroom/error.h"

namespace pressroom {

StopStrings::StopStrings(std::vector<std::string> stops) : stops_(std::move(stops)) {
  for (const std::string& stop : stops_) {
    const bool is_text = valid_utf8_length(stop) == stop.size();
    if (!stop.empty() && is_text) continue;
    throw Error({"--stop cannot be used", "", "a text of one character or more, in UTF-8",
                 stop.empty() ? "an empty one" : escaped(stop),
                 stop.empty() ? "leave --stop out to stop at no text" : ""});
  }
}

// The longest end of the held text that is a beginning of a stop string, and not the whole of one.
std::size_t StopStrings::bytes_to_hold() const {
  std::size_t most = 0;
  for (const std::string& stop : stops_) {
    for (std::size_t length = std::min(held_.size(), stop.size() - 1); length > most; --length) {
      if (ends_with(held_, std::string_view(stop).substr(0, length))) most = length;
    }
  }
  return most;
}

void StopStrings::take(char c) {
  held_ += c;
  for (const std::string& stop : stops_) {
    const bool is_longer = found_ == nullptr || stop.size() > found_->size();
    if (is_longer && ends_with(held_, stop)) found_ = &stop;
  }
}

std::string StopStrings::push(std::string_view piece) {
  std::string shown;
  for (const char c : piece) {
    if (found_ != nullptr) break;
    take(c);
    const std::size_t hold = found_ != nullptr ? found_->size() : bytes_to_hold();
    shown += held_.substr(0, held_.size() - hold);
    held_.erase(0, held_.size() - hold);
  }
  if (found_ != nullptr) held_.clear();
  return shown;
}

std::string StopStrings::finish() { return std::exchange(held_, {}); }

}  // namespace pressroom
