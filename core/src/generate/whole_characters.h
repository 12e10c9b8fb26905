// Bytes that come piece by piece, as UTF-8 that is whole at every moment: a token may end in the
// middle of a character.
//
//   WholeCharacters characters;
//   characters.push("caf\xC3");   // "caf"
//   characters.push("\xA9!");     // "\u00e9!"
//   characters.finish();          // ""; U+FFFD where a character was cut off
#pragma once

#include <string>
#include <string_view>

namespace pressroom {

class WholeCharacters {
 public:
  // Every character that is whole by now. Bytes that are no UTF-8 become U+FFFD, one for each
  // longest run that could have begun a character, as the Unicode standard recommends and Python
  // does it; the result does not depend on how the bytes are cut into pieces.
  std::string push(std::string_view bytes);

  // What was held back, when nothing more comes.
  std::string finish();

 private:
  std::string held_;  // the beginning of a character
};

}  // namespace pressroom
