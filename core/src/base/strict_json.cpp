#include "base/strict_json.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/strings.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// The start of a value or of a library's message.
std::string json_excerpt(const std::string& text) {
  constexpr std::size_t kMostBytes = 100;
  return text.size() <= kMostBytes ? text : text.substr(0, kMostBytes) + "...";
}

std::string shown_json(const nlohmann::json& json) {
  return json_excerpt(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

// Reads a document without keeping it, and finds what nlohmann's parser would let pass. (That
// parser can call back, too, but looks through a whole list then for each object that ends in it: a
// list of a million would take hours.)
class StrictEvents : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit StrictEvents(int deepest_nesting) : deepest_nesting_(deepest_nesting) {}

  // Why it ended.
  const std::string& expected() const { return expected_; }
  const std::string& got() const { return got_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }

  // Of two equal keys the parser keeps the last without a word.
  bool key(string_t& key) override {
    if (keys_.back().insert(key).second) return true;
    return refuse("every key once", shown_json(key) + " twice in one object");
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::json::exception& error) override {
    return refuse("JSON", json_excerpt(error.what()));
  }

 private:
  bool refuse(const std::string& expected, const std::string& got) {
    expected_ = expected;
    got_ = got;
    return false;
  }

  bool open() {
    keys_.emplace_back();
    if (keys_.size() <= static_cast<std::size_t>(deepest_nesting_)) return true;
    return refuse(
        "at most " + std::to_string(deepest_nesting_) + " lists and objects in each other",
        "deep nesting");
  }

  bool close() {
    keys_.pop_back();
    return true;
  }

  int deepest_nesting_;
  std::vector<std::set<std::string>> keys_;  // of each object that is open; of a list none
  std::string expected_;
  std::string got_;
};

std::string unreadable(const JsonRules& rules) { return rules.document + " cannot be read"; }

}  // namespace

void refuse_long_json(std::string_view text, const JsonRules& rules, const std::string& where) {
  if (text.size() <= rules.most_bytes) return;
  throw Error({rules.document + " is too long", where,
               "at most " + std::to_string(rules.most_bytes) + " bytes",
               std::to_string(text.size()), rules.shorten});
}

nlohmann::json parse_strict_json(std::string_view text, const JsonRules& rules,
                                 const std::string& where) {
  refuse_long_json(text, rules, where);
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw Error({unreadable(rules), where, expected, got, rules.fix});
  };
  // The library takes it for the end, whatever follows.
  if (text.find('\0') != std::string_view::npos) refuse("JSON", "a zero byte");
  StrictEvents events(rules.deepest_nesting);
  const bool is_json = nlohmann::json::sax_parse(text.begin(), text.end(), &events);
  if (!is_json) refuse(events.expected(), events.got());
  return nlohmann::json::parse(text.begin(), text.end());
}

StrictObject::StrictObject(const nlohmann::json& json, const JsonRules& rules, std::string where,
                           std::string place)
    : json_(json), rules_(rules), where_(std::move(where)), place_(std::move(place)) {
  if (json_.is_object()) return;
  throw Error({unreadable(rules_), place_.empty() ? where_ : where_ + ": " + place_, "an object",
               shown_json(json_), rules_.fix});
}

void StrictObject::allow_keys(const std::vector<std::string>& keys) const {
  for (const auto& [key, value] : json_.items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string meant = closest_match(key, keys);
    throw Error({"unknown key \"" + json_excerpt(key) + '"',
                 place_.empty() ? where_ : where_ + ": " + place_, joined(keys), json_excerpt(key),
                 meant.empty() ? rules_.fix : "did you mean \"" + meant + "\"?"});
  }
}

bool StrictObject::has(const std::string& key) const { return json_.contains(key); }

std::string StrictObject::text(const std::string& key) const {
  if (!value(key).is_string()) refuse_type(key, "a text");
  return value(key).get<std::string>();
}

bool StrictObject::flag(const std::string& key) const {
  if (!value(key).is_boolean()) refuse_type(key, "true or false");
  return value(key).get<bool>();
}

std::int64_t StrictObject::whole_number(const std::string& key) const {
  const nlohmann::json& number = value(key);
  constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  // 12.0 is no whole number here, and neither is one that would wrap around.
  if (!number.is_number_integer() ||
      (number.is_number_unsigned() && number.get<std::uint64_t>() > kMost)) {
    refuse_type(key, "a whole number");
  }
  return number.get<std::int64_t>();
}

std::vector<std::string> StrictObject::texts(const std::string& key) const {
  const nlohmann::json& list = value(key);
  const auto is_text = [](const nlohmann::json& element) { return element.is_string(); };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_text)) {
    refuse_type(key, "a list of texts");
  }
  return list.get<std::vector<std::string>>();
}

StrictObject StrictObject::object(const std::string& key) const {
  return {value(key), rules_, where_, place_of(key)};
}

std::vector<StrictObject> StrictObject::objects(const std::string& key) const {
  const nlohmann::json& list = value(key);
  if (!list.is_array()) refuse_type(key, "a list");
  std::vector<StrictObject> objects;
  for (std::size_t i = 0; i < list.size(); ++i) {
    objects.emplace_back(list[i], rules_, where_, place_of(key) + '[' + std::to_string(i) + ']');
  }
  return objects;
}

void StrictObject::refuse(const std::string& key, const std::string& what,
                          const std::string& expected, const std::string& fix) const {
  throw Error({what, where_ + ": " + place_of(key), expected, shown_json(value(key)),
               fix.empty() ? rules_.fix : fix});
}

const nlohmann::json& StrictObject::value(const std::string& key) const {
  const auto found = json_.find(key);
  if (found != json_.end()) return *found;
  throw Error(
      {"a key is missing", where_ + ": " + place_of(key), "a value for it", "nothing", rules_.fix});
}

void StrictObject::refuse_type(const std::string& key, const std::string& expected) const {
  refuse(key, unreadable(rules_), expected);
}

std::string StrictObject::place_of(const std::string& key) const {
  return place_.empty() ? key : place_ + '.' + key;
}

}  // namespace pressroom
