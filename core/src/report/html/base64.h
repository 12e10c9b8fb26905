// Bytes as base64 (RFC 4648, section 4, with padding): how a page carries packed numbers.
//
//   base64("Man") == "TWFu"
#pragma once

#include <string>
#include <string_view>

namespace pressroom {

std::string base64(std::string_view bytes);

// The bytes that hexadecimal digits stand for, two each; "" for anything else.
std::string bytes_of_hex(std::string_view digits);

}  // namespace pressroom
