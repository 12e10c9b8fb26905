// A line of JSON as a record: the few members that a document is made of, the names of all, and
// nothing else in memory. A line of a million small values would take far more than its own bytes.
//
//   JsonRecord record = read_json_record(line, {"text", "id"});
//   record.members.at("id").text;  // "340282366920938463463374607431768211455"
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace pressroom {

struct JsonMember {
  std::string type;    // "string", "number", "boolean", "null", "array" or "object"
  std::string text;    // of a string; of a number and a truth value, as it is written in JSON
  bool whole = false;  // a number without a point and an exponent
};

struct JsonRecord {
  std::string error;  // why the line is no JSON; the rest says nothing then
  std::string type;   // of the whole line
  std::set<std::string> names;
  std::map<std::string, JsonMember> members;  // those wanted, of an object; the last of one name
};

JsonRecord read_json_record(std::string_view line, const std::set<std::string>& wanted);

}  // namespace pressroom
