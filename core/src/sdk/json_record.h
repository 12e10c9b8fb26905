// A line of JSON as a record: the members that are wanted, and the names of all. Nothing else is
// held in memory: a line of a million small values would take far more than its own bytes.
//
//   const JsonRecord record = read_json_record(line, {"text", "id"});
//   if (const JsonValue* id = record.values.find("id")) use(id->text);
//
// What cannot be used is a BadLine, which whoever reads the file turns into an Error with the place
// or passes over.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace pressroom {

struct JsonValue {
  const char* type = "null";  // "string", "number", "boolean", "null", "array" or "object"
  std::string text;    // of a string; of a number and a truth value, as it is written in JSON
  bool whole = false;  // a number without a point and an exponent
  std::vector<std::string> names = {};  // of an object's members, in the order of the text
  std::vector<JsonValue> items = {};    // of an array; of an object, one for each of `names`

  // The member of an object, of two with one name the last; null where there is none.
  const JsonValue* find(const std::string& name) const;
};

struct JsonRecord {
  std::set<std::string> names;  // of all members
  JsonValue values;             // an object: the members that were wanted
};

// What is wrong with a line, without where it is.
struct BadLine {
  std::string what, expected, got, fix;
};

extern const char* const kFixLine;  // what to do about most of them

// `text` for a message: its beginning where it is long.
std::string start_of(const std::string& text);

// The record of a line, which may end with its end of line. Throws BadLine for one that is no JSON
// object in UTF-8, and for a wanted member of more than a million values or more than 16 levels.
JsonRecord read_json_record(const std::string& line, const std::set<std::string>& wanted);

// Throws the BadLine of an object that lacks `field`: it has the members `names`.
[[noreturn]] void refuse_missing(const std::string& field, const std::set<std::string>& names);

}  // namespace pressroom
