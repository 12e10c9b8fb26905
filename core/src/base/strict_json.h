// JSON from strangers, read strictly: every value is asked for by key and type, and what is wrong
// is an Error that names the place.
//
//   const JsonRules rules = {"the bundle's manifest", 1 << 20, 4, "get the bundle again", ""};
//   const nlohmann::json json = parse_strict_json(text, rules, where);
//   const StrictObject object(json, rules, where);
//   object.allow_keys({"name", "files"});            // others are refused, with a suggestion
//   object.objects("files")[3].text("sha256");       // "...: files[3].sha256: ..."
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

// What one kind of document may be, and how messages speak of it.
struct JsonRules {
  std::string document;  // "the bundle's manifest"
  std::size_t most_bytes = 0;
  int deepest_nesting = 0;  // of lists and objects in each other: 1 for {"a": 1}
  std::string fix;          // what to do where it is damaged: "get the bundle again"
  std::string shorten;      // what its writer does where it is too long: "put fewer files into it"
};

// Throws Error for a text of more bytes than the rules allow.
void refuse_long_json(std::string_view text, const JsonRules& rules, const std::string& where);

// Throws Error for a text that is too long, nested too deep, no JSON, or has a key twice in one
// object: programs differ in which of the two they take.
nlohmann::json parse_strict_json(std::string_view text, const JsonRules& rules,
                                 const std::string& where);

// One object of a document. It borrows the JSON and the rules, which outlive it. `where` says which
// document it is, `place` where in it the object stands: "" for the whole, "files[3]".
class StrictObject {
 public:
  // Throws Error where `json` is no object.
  StrictObject(const nlohmann::json& json, const JsonRules& rules, std::string where,
               std::string place = "");

  // Throws Error for a key that is not one of `keys`.
  void allow_keys(const std::vector<std::string>& keys) const;

  bool has(const std::string& key) const;

  // Each throws Error where the key is missing or its value is of another type.
  std::string text(const std::string& key) const;
  bool flag(const std::string& key) const;
  std::int64_t whole_number(const std::string& key) const;  // of any sign
  std::vector<std::string> texts(const std::string& key) const;
  StrictObject object(const std::string& key) const;
  std::vector<StrictObject> objects(const std::string& key) const;

  // Throws the Error about the value of `key`, which it quotes.
  [[noreturn]] void refuse(const std::string& key, const std::string& what,
                           const std::string& expected, const std::string& fix = "") const;

 private:
  const nlohmann::json& value(const std::string& key) const;
  [[noreturn]] void refuse_type(const std::string& key, const std::string& expected) const;
  std::string place_of(const std::string& key) const;

  const nlohmann::json& json_;
  const JsonRules& rules_;
  std::string where_;
  std::string place_;
};

}  // namespace pressroom
