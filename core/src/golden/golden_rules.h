// What golden.json has to be, key by key: it comes from strangers.
//
//   GoldenRules(json, "h2o-1.1.0.press.tar.zst, golden.json").check();
//
// Every value is asked for by key and type, unknown keys are refused, and what is wrong is an Error
// that names the place: "..., golden.json: answers[3].ids_sha256".
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pressroom {

class GoldenRules {
 public:
  // `golden` is borrowed.
  GoldenRules(const nlohmann::ordered_json& golden, std::string where)
      : golden_(golden), where_(std::move(where)) {}

  // Throws Error for the first rule that is broken.
  void check() const;

 private:
  using Json = nlohmann::ordered_json;
  // Of a value: "" where it is as it must be, else what was expected.
  using Rule = std::string (*)(const Json& value);
  struct Key {
    const char* name;
    Rule rule;
    bool is_optional = false;
  };

  void check_object(const Json& object, const std::string& place,
                    const std::vector<Key>& keys) const;
  void check_answer(const Json& answer, const std::string& place) const;
  [[noreturn]] void refuse(const std::string& place, const std::string& expected,
                           const std::string& got) const;

  const Json& golden_;
  std::string where_;
};

}  // namespace pressroom
