// Reading the components of a tokenizer.json, and refusing those that are not understood.
//
// A component is null or an object with a "type"; the places in messages are paths in the file:
//
//   gpt2.json: pre_tokenizer.pretokenizers[0]: unknown pre_tokenizer "Metaspace"
//     expected: ByteLevel, Digits, Sequence, Split
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

// Ids are indices of tables, so one absurd id must not allocate the machine away.
constexpr std::int64_t kMaxTokenId = (std::int64_t{1} << 22) - 1;

// What to do about a tokenizer.json that cannot be right.
inline constexpr char kGetAnother[] = "get the tokenizer.json anew; this one is damaged";

// The "type" of `component`, or "null" when it is null or absent. Throws Error, with `where` for
// its place, when it is anything else than an object with a type.
std::string component_type(const nlohmann::json& component, const std::string& where);

// The member `key` of the object `component`, or null when there is none. The reference is good
// for as long as `component` is.
const nlohmann::json& member(const nlohmann::json& component, const char* key);

// The member `key` of `component`: there at all, of the kind that the name says. Throws Error, with
// `where` for the place of `component`, when it is not. References are good as those of member().
const nlohmann::json& required(const nlohmann::json& component, const std::string& key,
                               const std::string& where);
const nlohmann::json& required_list(const nlohmann::json& component, const char* key,
                                    const std::string& where);
const nlohmann::json& required_object(const nlohmann::json& component, const char* key,
                                      const std::string& where);
const std::string& required_text(const nlohmann::json& component, const char* key,
                                 const std::string& where);

// The flag `key` of `component`; `otherwise` when it is absent or null. Throws Error when it is
// neither true nor false.
bool flag(const nlohmann::json& component, const char* key, bool otherwise,
          const std::string& where);

// `text` as a message shows it: in quotes, ASCII with the rest escaped, and cut short when it is
// long.
std::string json_quoted(const std::string& text);

// A token id; throws Error when `value` is no integer from 0 to kMaxTokenId.
std::int64_t token_id(const nlohmann::json& value, const std::string& where);

// Throws the Error for a component of `kind` ("normalizer") whose type is none of `known`.
[[noreturn]] void refuse_component(const std::string& where, const std::string& kind,
                                   const std::string& type,
                                   std::initializer_list<const char*> known,
                                   const std::string& fix = "");

// Throws the Error for an `option` of an understood component whose value is not understood.
[[noreturn]] void refuse_option(const std::string& where, const std::string& option,
                                const nlohmann::json& value, const std::string& expected);

}  // namespace pressroom
