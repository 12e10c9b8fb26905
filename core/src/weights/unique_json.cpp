#include "weights/unique_json.h"

#include <set>
#include <vector>

#include "pressroom/error.h"
#include "weights/tensor_text.h"

namespace pressroom {

using Json = nlohmann::json;

Json parse_unique_json(std::string_view text, const std::filesystem::path& file,
                       const std::string& part, const std::string& what) {
  constexpr int kDeepestNesting = 8;  // tables of tensors have three levels
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw Error({what, file.string(), expected, got, "copy or download the file again"});
  };
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepestNesting) refuse("a table of tensors as " + part, "deep nesting");
    if (event == Json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == Json::parse_event_t::object_end) open_objects.pop_back();
    if (event == Json::parse_event_t::key &&
        !open_objects.back().insert(parsed.get<std::string>()).second) {
      refuse("every tensor named once", excerpt(parsed.dump()) + " twice in the " + part);
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), watch);
  } catch (const Json::exception& error) {
    refuse("a JSON " + part, excerpt(error.what()));
  }
  return {};
}

}  // namespace pressroom
