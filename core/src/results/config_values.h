// What stands in a stored config, results/config_json.h, or in a part of it. Whoever reads one
// reads campaigns of other versions, too: what is missing, or has another form than is asked for,
// says nothing and is no mistake; what was written had been checked.
//
//   const auto config = config_json(text, file);
//   word_in(config, "model");                  // "starter"
//   words_in(config, "tags");                  // a list of words, or the one that stands for it
//   number_in(config["margins"], "ece");       // 0.02
//   label_of_use(config["methods"][0]);        // "h2o_48"
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace pressroom {

// Null where `map` is no mapping, or has no such key.
nlohmann::ordered_json value_in(const nlohmann::ordered_json& map, const std::string& key);

// "" where there is no word.
std::string word_in(const nlohmann::ordered_json& map, const std::string& key);

// The words of a list, in its order; a word alone stands for a list of one.
std::vector<std::string> words_in(const nlohmann::ordered_json& map, const std::string& key);

// A number, or the text of one: scalars of a config are as they are written.
std::optional<double> number_in(const nlohmann::ordered_json& map, const std::string& key);

// The values under `key`, of a list; none where there is no list.
std::vector<nlohmann::ordered_json> items_in(const nlohmann::ordered_json& map,
                                             const std::string& key);

// What results call a use of a plugin: its `as`, else its plain name, without a version. "" where
// it has neither.
std::string label_of_use(const nlohmann::ordered_json& use);

}  // namespace pressroom
