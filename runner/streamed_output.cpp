#include "streamed_output.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "pressroom/error.h"

namespace pressroom {

void StreamedOutput::write(std::string_view text) {
  while (!text.empty() && !reader_is_gone_) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
      has_written_ = true;
      continue;
    }
    if (errno == EINTR) continue;
    reader_is_gone_ = errno == EPIPE;
    if (reader_is_gone_) continue;
    throw Error({"what was printed did not arrive", "standard output", "",
                 std::error_code(errno, std::generic_category()).message(), "send it elsewhere"});
  }
}

}  // namespace pressroom
