#include "golden/golden_rules.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/utf8.h"
#include "golden/golden.h"
#include "golden/kept_text.h"
#include "golden/reader_answers.h"
#include "plugin/manifest.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using RuleJson = nlohmann::ordered_json;

// The start of what strangers wrote.
std::string shortened(const std::string& text) {
  constexpr std::size_t kMostBytes = 100;
  return text.size() <= kMostBytes ? text : text.substr(0, kMostBytes) + "...";
}

std::string quoted_value(const RuleJson& value) { return shortened(json_line(value)); }

// It may be printed.
std::string one_line(const RuleJson& value) {
  const bool is_line =
      value.is_string() && value.get<std::string>() == printable_line(value.get<std::string>());
  return is_line ? "" : "a text of one line";
}

std::string a_name(const RuleJson& value) {
  return value.is_string() && is_plain_name(value.get<std::string>()) ? "" : "a plugin's name";
}

std::string a_hash(const RuleJson& value) {
  const bool is_hash =
      value.is_string() && value.get<std::string>().size() == 64 &&
      value.get<std::string>().find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_hash ? "" : "a SHA-256: 64 lower-case hex digits";
}

std::string a_count(const RuleJson& value) {
  constexpr std::int64_t kMost = 1'000'000'000;
  // 12.0 is no whole number here.
  const bool is_count = value.is_number_unsigned() && value.get<std::uint64_t>() <= kMost;
  return is_count ? "" : "a whole number from 0 to 1000000000";
}

std::string a_flag(const RuleJson& value) { return value.is_boolean() ? "" : "true or false"; }

std::string a_no(const RuleJson& value) { return value == false ? "" : "false"; }

std::string an_object(const RuleJson& value) { return value.is_object() ? "" : "an object"; }

std::string some_answers(const RuleJson& value) {
  return value.is_array() && !value.empty() ? "" : "a list of answers, one at least";
}

std::string some_numbers(const RuleJson& value) {
  const auto is_number = [](const RuleJson& each) { return each.is_number(); };
  const bool is_list =
      value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), is_number);
  return is_list ? "" : "a list of numbers";
}

std::string metric_value(const RuleJson& value) {
  const bool is_word = value == "nan" || value == "inf" || value == "-inf";
  return value.is_number() || is_word ? "" : "a number, \"nan\", \"inf\" or \"-inf\"";
}

std::string kept_positions(const RuleJson& value) {
  const auto is_head = [](const RuleJson& head) {
    return head.is_string() && positions_in(head.get_ref<const std::string&>()).has_value();
  };
  const auto is_layer = [&](const RuleJson& layer) {
    return layer.is_array() && !layer.empty() && std::all_of(layer.begin(), layer.end(), is_head);
  };
  const bool is_kept =
      value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), is_layer);
  return is_kept ? "" : "lists, by layer and KV head, of positions as in \"0-3 17\"";
}

}  // namespace

void GoldenRules::check() const {
  if (!golden_.is_object()) refuse("", "an object", quoted_value(golden_));
  // First: of another version, every key may be another.
  const auto schema = golden_.find("schema");
  if (schema == golden_.end() || *schema != kGoldenSchema) {
    throw Error({"the golden answers are of another version of the format", where_ + ": schema",
                 kGoldenSchema, schema == golden_.end() ? "nothing" : quoted_value(*schema),
                 "update Pressroom, or ask for a bundle made by this version of it"});
  }
  const auto kind = golden_.find("kind");
  const bool reads = kind != golden_.end() && *kind == to_string(PluginKind::kDataset);
  if (!reads && (kind == golden_.end() || (*kind != to_string(PluginKind::kMethod) &&
                                           *kind != to_string(PluginKind::kMetric)))) {
    refuse("kind", "method, dataset or metric",
           kind == golden_.end() ? "nothing" : quoted_value(*kind));
  }
  std::vector<Key> keys = {{"schema", one_line},
                           {"kind", one_line},
                           {"name", a_name},
                           {"model", an_object},
                           {"answers", some_answers}};
  if (reads) keys.insert(keys.end(), {{"documents", a_count}, {"ended", a_flag}});
  check_object(golden_, "", keys);
  check_object(
      golden_.at("model"), "model",
      {{"config_sha256", a_hash}, {"weights_sha256", a_hash}, {"tokenizer_sha256", a_hash}});
  const RuleJson& answers = golden_.at("answers");
  for (std::size_t i = 0; i < answers.size(); ++i) {
    check_answer(answers[i], "answers[" + std::to_string(i) + ']');
  }
  if (reads && golden_.at("documents") != answers.size()) {
    refuse("documents", "the number of answers, " + std::to_string(answers.size()),
           quoted_value(golden_.at("documents")));
  }
}

void GoldenRules::check_answer(const Json& answer, const std::string& place) const {
  if (!answer.is_object()) refuse(place, "an object", quoted_value(answer));
  const Json& kind = golden_.at("kind");
  if (kind == to_string(PluginKind::kDataset)) {
    check_object(answer, place,
                 {{"id", one_line}, {"sha256", a_hash}, {"answers", one_line, true}});
  } else if (kind == to_string(PluginKind::kMetric)) {
    check_object(
        answer, place,
        {{"method", a_name}, {"name", one_line}, {"unit", one_line}, {"value", metric_value}});
  } else if (answer.contains("refused")) {
    check_object(answer, place,
                 {{"protocol", one_line}, {"budget_tokens", a_count, true}, {"refused", one_line}});
  } else {
    check_object(answer, place,
                 {{"protocol", one_line},
                  {"budget_tokens", a_count, true},
                  {"engine", one_line},
                  {"ids_sha256", a_hash},
                  {"kept", kept_positions},
                  {"nll_nats", some_numbers},
                  {"settled", a_no, true}});
  }
}

void GoldenRules::check_object(const Json& object, const std::string& place,
                               const std::vector<Key>& keys) const {
  const std::string before = place.empty() ? "" : place + '.';
  std::vector<std::string> names;
  names.reserve(keys.size());
  for (const Key& key : keys) names.emplace_back(key.name);
  for (const auto& [name, value] : object.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string meant = closest_match(name, names);
    refuse(before + shortened(name), "a key that is known",
           meant.empty() ? "an unknown one" : "an unknown one, perhaps for " + meant);
  }
  for (const Key& key : keys) {
    const auto found = object.find(key.name);
    if (found == object.end()) {
      if (key.is_optional) continue;
      refuse(before + key.name, "a value for it", "nothing");
    }
    const std::string expected = key.rule(*found);
    if (!expected.empty()) refuse(before + key.name, expected, quoted_value(*found));
  }
}

void GoldenRules::refuse(const std::string& place, const std::string& expected,
                         const std::string& got) const {
  throw Error({"the golden answers cannot be read", place.empty() ? where_ : where_ + ": " + place,
               expected, got, "get the bundle again, or have it made again"});
}

}  // namespace pressroom
