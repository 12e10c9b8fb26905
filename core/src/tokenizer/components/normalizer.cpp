#include "tokenizer/components/normalizer.h"

#include <nlohmann/json.hpp>

#include "tokenizer/components/component.h"
#include "tokenizer/components/nfc.h"

namespace pressroom {

using nlohmann::json;

Normalizer Normalizer::from_json(const json& component, const std::string& where) {
  Normalizer result;
  if (!component.is_null()) result.add(component, where);
  return result;
}

void Normalizer::add(const json& component, const std::string& where) {
  const std::string type = component_type(component, where);
  if (type == "NFC") {
    steps_.emplace_back(Nfc{});
  } else if (type == "Prepend") {
    steps_.emplace_back(Prepend{required_text(component, "prepend", where)});
  } else if (type == "Replace") {
    steps_.emplace_back(Replacement::from_json(component, where));
  } else if (type == "Sequence") {
    std::size_t i = 0;
    for (const json& part : required_list(component, "normalizers", where)) {
      add(part, where + ".normalizers[" + std::to_string(i++) + "]");
    }
  } else {
    refuse_component(where, "normalizer", type, {"null", "NFC", "Prepend", "Replace", "Sequence"});
  }
}

std::string_view Normalizer::apply(std::string_view text, Work& work) const {
  for (const auto& step : steps_) {
    if (text.empty()) break;
    if (const auto* prepend = std::get_if<Prepend>(&step)) {
      work.next.assign(prepend->content).append(text);
    } else if (const auto* replacement = std::get_if<Replacement>(&step)) {
      replacement->apply(text, work.next);
    } else if (!to_nfc(text, work.next)) {
      continue;
    }
    work.current.swap(work.next);
    text = work.current;
  }
  return text;
}

}  // namespace pressroom
