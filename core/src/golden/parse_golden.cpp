#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "golden/golden.h"
#include "golden/golden_rules.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr int kDeepestGolden = 6;  // root, answers, answer, kept, layer, and one to spare

[[noreturn]] void refuse_golden(const std::string& where, const std::string& expected,
                                const std::string& got) {
  constexpr std::size_t kMostBytes = 100;
  throw Error({"the golden answers cannot be read", where, expected,
               got.size() <= kMostBytes ? got : got.substr(0, kMostBytes) + "...",
               "get the bundle again, or have it made again"});
}

}  // namespace

nlohmann::ordered_json parse_golden(std::string_view text, const std::string& where) {
  using Event = nlohmann::ordered_json::parse_event_t;
  if (text.size() > kMostGoldenBytes) {
    refuse_golden(where, "at most " + std::to_string(kMostGoldenBytes) + " bytes",
                  std::to_string(text.size()));
  }
  // The library takes it for the end, whatever follows.
  if (text.find('\0') != std::string_view::npos) refuse_golden(where, "JSON", "a zero byte");
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int depth, Event event, nlohmann::ordered_json& parsed) {
    if (depth > kDeepestGolden) {
      refuse_golden(where, "lists and objects as golden answers have them", "deep nesting");
    }
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    // nlohmann keeps one of two equal keys without a word.
    if (event == Event::key && !open_objects.back().insert(parsed.get<std::string>()).second) {
      refuse_golden(where, "every key once", json_line(parsed) + " twice in one object");
    }
    return true;
  };
  nlohmann::ordered_json golden;
  try {
    golden = nlohmann::ordered_json::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& error) {
    refuse_golden(where, "JSON", error.what());
  }
  GoldenRules(golden, where).check();
  return golden;
}

}  // namespace pressroom
