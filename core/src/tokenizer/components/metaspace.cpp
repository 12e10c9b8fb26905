#include "tokenizer/components/metaspace.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "tokenizer/components/component.h"

namespace pressroom {

using nlohmann::json;

Metaspace Metaspace::from_json(const json& component, const std::string& where) {
  Metaspace result;
  result.replacement = required_text(component, "replacement", where);
  const std::size_t size = result.replacement.size();
  if (size == 0 || character_length(result.replacement) != size) {
    refuse_option(where, "replacement", result.replacement, "one character");
  }
  const json& scheme = member(component, "prepend_scheme");
  if (scheme.is_null()) {
    const bool prepend = flag(component, "add_prefix_space", true, where);
    result.prepend = prepend ? Prepend::kAlways : Prepend::kNever;
  } else if (scheme == "always") {
    result.prepend = Prepend::kAlways;
  } else if (scheme == "first") {
    result.prepend = Prepend::kFirst;
  } else if (scheme == "never") {
    result.prepend = Prepend::kNever;
  } else {
    refuse_option(where, "prepend_scheme", scheme, "always, first or never");
  }
  result.split = flag(component, "split", true, where);
  return result;
}

}  // namespace pressroom
