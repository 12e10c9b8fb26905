#include "campaign/config_difference.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/strings.h"
#include "campaign/use_changes.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kOtherDirectory = "choose another directory with --out";

// What a campaign is called, how it is shown and how it is looked after: no result depends on it.
const std::set<std::string>& keys_without_numbers() {
  static const std::set<std::string> keys = {
      "name",   "notes",   "tags",    "columns", "margins", "report", "plugin_dirs",
      "on_end", "outputs", "threads", "limits",  "retries", "traces", "beyond_positions"};
  return keys;
}

// One of them says how much is kept.
constexpr const char* kAmounts[] = {"sparsity", "budget", "match"};

class ConfigComparison {
 public:
  ConfigComparison(const Json& before, const Json& now, std::string file)
      : before_(before), now_(now), file_(std::move(file)) {}

  ConfigDifference run() {
    refuse_other("model", "another model is another campaign");
    refuse_other("dtype", "weights held in another way are another campaign");
    refuse_other("device", "another device is another campaign");
    compare_amounts();
    compare_protocol();
    for (const char* key : {"datasets", "methods", "metrics"}) compare_uses(key);
    for (const auto& [key, value] : now_.items()) compare_key(key);
    for (const auto& [key, value] : before_.items()) {
      if (!now_.contains(key)) compare_key(key);
    }
    return std::move(difference_);
  }

 private:
  static Json value_of(const Json& config, const std::string& key) {
    return config.is_object() ? config.value(key, Json()) : Json();
  }

  void change(const std::string& text, const std::string& method = "", bool of_all = false) {
    difference_.changes.push_back({text, method, of_all});
  }

  void refuse(const std::string& what, const std::string& key, const Json& before,
              const Json& now) {
    difference_.problems.push_back(
        {what, file_ + ": " + key, value_text(before), value_text(now), kOtherDirectory});
  }

  void refuse_other(const std::string& key, const std::string& what) {
    seen_.insert(key);
    const Json before = value_of(before_, key);
    const Json now = value_of(now_, key);
    if (before != now) refuse(what, key, before, now);
  }

  // Cells are called by their sparsity or their budget, and matched ones by what was measured.
  void compare_amounts() {
    std::string before;
    std::string now;
    for (const char* key : kAmounts) {
      if (before_.contains(key)) before = key;
      if (now_.contains(key)) now = key;
    }
    if (before != now) {
      seen_.insert(std::begin(kAmounts), std::end(kAmounts));
      refuse("a campaign by " + now + " cannot go on where one by " + before + " was run",
             before + ", " + now, before, now);
    }
  }

  // The tokens of all cells are drawn and scored by it; other contexts are cells of their own.
  void compare_protocol() {
    seen_.insert("protocol");
    const Json before = value_of(before_, "protocol");
    const Json now = value_of(now_, "protocol");
    std::set<std::string> keys;
    for (const Json* protocol : {&before, &now}) {
      for (const auto& [key, value] : protocol->items()) keys.insert(key);
    }
    for (const std::string& key : keys) {
      const Json old = value_of(before, key);
      const Json value = value_of(now, key);
      if (old == value) continue;
      if (key == "context") {
        compare_values("protocol.context", old, value);
      } else {
        const char* what = key == "documents" ? "another number of documents is another campaign"
                                              : "another protocol is another campaign";
        refuse(what, "protocol." + key, old, value);
      }
    }
  }

  void compare_uses(const std::string& key) {
    seen_.insert(key);
    const Json before = value_of(before_, key);
    for (const UseChange& one : use_changes(before, value_of(now_, key), key)) {
      change(one.text, key == "methods" ? one.label : "", key == "metrics" && !one.is_new_label);
    }
  }

  // Of a list of values: "seeds 3, 4 added", "seeds 1 removed".
  void compare_values(const std::string& key, const Json& before, const Json& now) {
    const auto missing_in = [](const Json& list, const Json& from) {
      std::vector<std::string> texts;
      for (const Json& value : from) {
        if (std::find(list.begin(), list.end(), value) == list.end()) {
          texts.push_back(value_text(value));
        }
      }
      return texts;
    };
    const std::vector<std::string> added = missing_in(before, now);
    const std::vector<std::string> removed = missing_in(now, before);
    if (!added.empty()) change(key + ' ' + joined(added) + " added");
    if (!removed.empty()) change(key + ' ' + joined(removed) + " removed");
  }

  void compare_key(const std::string& key) {
    if (!seen_.insert(key).second || keys_without_numbers().count(key) > 0) return;
    const Json before = value_of(before_, key);
    const Json now = value_of(now_, key);
    if (before == now) return;
    if (before.is_array() && now.is_array()) return compare_values(key, before, now);
    if (!before.is_object() || !now.is_object()) {
      return change(key + ' ' + value_text(before) + " -> " + value_text(now), "", true);
    }
    for (const auto& [name, value] : now.items()) {
      const Json old = value_of(before, name);
      if (old == value) continue;
      change(key + '.' + name + ' ' + value_text(old) + " -> " + value_text(value), "", true);
    }
  }

  const Json& before_;
  const Json& now_;
  const std::string file_;
  std::set<std::string> seen_;  // keys of either that have been compared
  ConfigDifference difference_;
};

}  // namespace

ConfigDifference config_difference(const Json& before, const Json& now, const std::string& file) {
  return ConfigComparison(before, now, file).run();
}

std::vector<std::string> texts_of(const std::vector<ConfigChange>& changes) {
  std::vector<std::string> texts;
  texts.reserve(changes.size());
  for (const ConfigChange& change : changes) texts.push_back(change.text);
  return texts;
}

}  // namespace pressroom
