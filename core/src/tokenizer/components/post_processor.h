// The post-processor: the special tokens that go around a text.
//
//   SpecialTemplate bos = special_template(file.at("post_processor"), "llama3.json: ...");
//   // bos.before == {128000}, bos.after == {}
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pressroom {

struct SpecialTemplate {
  std::vector<std::int64_t> before;
  std::vector<std::int64_t> after;
};

// Reads the component "post_processor": null, ByteLevel (which concerns offsets only),
// TemplateProcessing (its "single", with the text in it once), or a Sequence of these, the first
// innermost. Throws Error, with `where` for its place, for anything else.
SpecialTemplate special_template(const nlohmann::json& component, const std::string& where);

}  // namespace pressroom
