// Text and bytes on their way into a page. Labels, document ids and messages come from other
// people's files: whatever they hold, they are shown and never read as markup.
//
//   "<td>" + html_escaped(cell.method) + "</td>"
//   "<figure id=\"" + html_escaped(figure.id) + "\">"
//   "<script type=\"application/json\">" + json_in_html(json) + "</script>"
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace pressroom {

// For the text of an element and for attributes in double quotes. Bytes that are not UTF-8 and
// control characters but tab and line feed become U+FFFD; those that turn the direction of writing,
// which misleads() names (base/utf8.h), are spelt as escaped() has them: \u202e.
std::string html_escaped(std::string_view text);

// For a <script> that holds data: compact JSON in which no "<" is left that could end the element,
// and no character that misleads().
std::string json_in_html(const nlohmann::ordered_json& json);

// `text` within an element: <name attributes>text</name>, the text escaped. `attributes` is empty
// or markup.
std::string element(const std::string& name, std::string_view text,
                    const std::string& attributes = "");

// "+-" as a sign: "+0.108 +-0.021" becomes "+0.108 \u00b1 0.021".
std::string with_plus_minus(std::string text);

// Bytes as base64 (RFC 4648, section 4, with padding): how a page carries packed numbers.
//
//   base64("Man") == "TWFu"
std::string base64(std::string_view bytes);

// The bytes that hexadecimal digits stand for, two each; "" for anything else.
std::string bytes_of_hex(std::string_view digits);

}  // namespace pressroom
