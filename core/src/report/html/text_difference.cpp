#include "report/html/text_difference.h"

#include <algorithm>
#include <vector>

#include "report/html/html_text.h"

namespace pressroom {
namespace {

// Words, each with the white space before it: together they are the text.
std::vector<std::string> spaced_words(const std::string& text) {
  std::vector<std::string> words;
  const char* white = " \t\r\n";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t word = text.find_first_not_of(white, begin);
    const std::size_t end = word == std::string::npos ? word : text.find_first_of(white, word);
    words.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
    begin = end == std::string::npos ? text.size() : end;
  }
  return words;
}

}  // namespace

std::string marked_difference(const std::string& text, const std::string& other) {
  const std::vector<std::string> words = spaced_words(text);
  const std::vector<std::string> others = spaced_words(other);
  const std::size_t most = std::min(words.size(), others.size());
  std::size_t same_begin = 0;
  while (same_begin < most && words[same_begin] == others[same_begin]) ++same_begin;
  std::size_t same_end = 0;
  while (same_end < most - same_begin &&
         words[words.size() - 1 - same_end] == others[others.size() - 1 - same_end]) {
    ++same_end;
  }
  std::string before;
  std::string between;
  std::string after;
  for (std::size_t i = 0; i < words.size(); ++i) {
    (i < same_begin ? before : i < words.size() - same_end ? between : after) += words[i];
  }
  // The white space before a word is no difference.
  const std::size_t blank = std::min(between.find_first_not_of(" \t\r\n"), between.size());
  return html_escaped(before + between.substr(0, blank)) +
         (blank < between.size() ? "<mark>" + html_escaped(between.substr(blank)) + "</mark>"
                                 : "") +
         html_escaped(after);
}

}  // namespace pressroom
