// Standard output that is shown as it comes.
//
//   StreamedOutput output;
//   output.write("Once upon");         // is there when this returns
//   if (output.reader_is_gone()) ...   // `| head` has seen enough: that is no error
#pragma once

#include <string_view>

namespace pressroom {

class StreamedOutput {
 public:
  // Throws Error where the text does not arrive though somebody may still want it (a full disk).
  void write(std::string_view text);

  // Whoever reads has closed the pipe; what is written from then on goes nowhere.
  bool reader_is_gone() const { return reader_is_gone_; }
  bool has_written() const { return has_written_; }

 private:
  bool reader_is_gone_ = false;
  bool has_written_ = false;
};

}  // namespace pressroom
