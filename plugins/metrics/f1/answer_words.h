// An answer as the words that count: in lower case, without punctuation and English articles. The
// normalisation of SQuAD's evaluation, which LongBench's question answering uses as well.
//
//   answer_words("The Eiffel-Tower, in  Paris.") == {"eiffeltower", "in", "paris"}
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../string_match/characters.h"

namespace pressroom {

// Of ASCII, as Python's string.punctuation: typographic quotes and dashes stay.
inline bool is_punctuation(utf8proc_int32_t code) {
  return (code >= '!' && code <= '/') || (code >= ':' && code <= '@') ||
         (code >= '[' && code <= '`') || (code >= '{' && code <= '~');
}

inline bool is_article(std::string_view word) {
  return word == "a" || word == "an" || word == "the";
}

inline std::vector<std::string> answer_words(std::string_view text) {
  std::string kept;
  std::string run;  // of word characters: an article is a whole run, not a part of one
  const auto end_run = [&kept, &run] {
    kept += is_article(run) ? " " : run;
    run.clear();
  };
  for_each_character(lower_case(text), [&](std::string_view piece, utf8proc_int32_t code) {
    // Removed, not replaced: what stood on either side becomes one word.
    if (is_punctuation(code)) return;
    if (is_word_character(code)) {
      run += piece;
      return;
    }
    end_run();
    kept += piece;
  });
  end_run();
  return split_words(kept);
}

}  // namespace pressroom
