// What one text has where another has something else, marked for the page.
//
//   marked_difference("the code is 17", "the code is 71")  // "the code is <mark>17</mark>"
#pragma once

#include <string>

namespace pressroom {

// `text`, escaped, with <mark> around what stands between the words that it begins and ends with in
// common with `other`. Words are parted by blanks and line ends.
std::string marked_difference(const std::string& text, const std::string& other);

}  // namespace pressroom
