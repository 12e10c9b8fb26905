// config.yaml of a campaign's directory as JSON: what whoever reads the directory knows of the
// config, without the plugins that could check it.
//
//   const auto config = config_json(read_campaign_file(file), file.string());
//   config.at("model");   // "starter"
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

// `yaml`, the text of `file`, as JSON of the same shape: mappings, lists, and scalars as strings as
// they are written, so that a seed is "42". Throws Error, naming `file`, with every mistake.
nlohmann::ordered_json config_json(const std::string& yaml, const std::string& file);

}  // namespace pressroom
