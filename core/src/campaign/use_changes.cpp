#include "campaign/use_changes.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "plugin/plugin_reference.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

// A use of a plugin, with the label that is not written where it is the plugin's name.
struct LabelledUse {
  std::string label;
  Json use;  // without label and group

  bool is_same_use(const LabelledUse& other) const { return use == other.use; }
};

std::string plugin_key(const Json& use) { return use.contains("reader") ? "reader" : "name"; }

LabelledUse labelled(const Json& written) {
  LabelledUse one;
  // One that needs no mapping may stand as its name alone.
  one.use = written.is_object() ? written : Json{{"name", written}};
  const auto name = one.use.find(plugin_key(one.use));
  const auto as = one.use.find("as");
  const bool has_name = name != one.use.end() && name->is_string();
  one.label = as != one.use.end() && as->is_string() ? as->get<std::string>()
              : has_name                             ? plain_name(name->get<std::string>())
                                                     : "";
  one.use.erase("as");
  one.use.erase("group");
  return one;
}

std::vector<LabelledUse> labelled_uses(const Json& list) {
  std::vector<LabelledUse> uses;
  if (!list.is_array()) return uses;
  for (const Json& written : list) uses.push_back(labelled(written));
  return uses;
}

// The keys of either, those of `now` first.
std::vector<std::string> keys_of(const Json& before, const Json& now) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : now.items()) keys.push_back(key);
  for (const auto& [key, value] : before.items()) {
    if (!now.contains(key)) keys.push_back(key);
  }
  return keys;
}

// "h2o.recent 0.5 -> 0.3", one for each key; of methods within methods "rerotate.press.recent ...".
void compare_parameters(const Json& before, const Json& now, const std::string& path,
                        std::vector<std::string>& texts) {
  for (const std::string& key : keys_of(before, now)) {
    const Json old = before.value(key, Json());
    const Json value = now.value(key, Json());
    if (old == value) continue;
    const bool are_methods = old.is_object() && value.is_object();
    if (are_methods) {
      compare_parameters(old, value, path + "." + key, texts);
    } else {
      const std::string what = key == "name"     ? ": plugin"
                               : key == "reader" ? ": reader"
                                                 : "." + key;
      texts.push_back(path + what + " " + value_text(old) + " -> " + value_text(value));
    }
  }
}

// Pairs the uses of two lists and says what became of each.
class UseComparison {
 public:
  UseComparison(const Json& before, const Json& now, std::string key)
      : before_(labelled_uses(before)), now_(labelled_uses(now)), key_(std::move(key)) {}

  std::vector<UseChange> changes() {
    pair_up([](const LabelledUse& a, const LabelledUse& b) {
      return a.label == b.label && a.is_same_use(b);
    });
    pair_up([](const LabelledUse& a, const LabelledUse& b) { return a.is_same_use(b); });
    pair_up([](const LabelledUse& a, const LabelledUse& b) { return a.label == b.label; });
    std::vector<UseChange> changes;
    for (std::size_t i = 0; i < now_.size(); ++i) add_change(i, changes);
    for (std::size_t i = 0; i < before_.size(); ++i) {
      if (taken_.count(i) > 0) continue;
      changes.push_back({before_[i].label, key_ + ": " + before_[i].label + " removed", false});
    }
    return changes;
  }

 private:
  // What is still alone in both lists and belongs together by `same`, in their order.
  template <typename Same>
  void pair_up(const Same& same) {
    partner_.resize(now_.size());
    for (std::size_t i = 0; i < now_.size(); ++i) {
      for (std::size_t j = 0; j < before_.size() && !partner_[i]; ++j) {
        if (taken_.count(j) > 0 || !same(before_[j], now_[i])) continue;
        partner_[i] = j;
        taken_.insert(j);
      }
    }
  }

  void add_change(std::size_t i, std::vector<UseChange>& changes) const {
    const LabelledUse& now = now_[i];
    if (!partner_[i]) {
      changes.push_back({now.label, key_ + ": " + now.label + " added", false});
      return;
    }
    const LabelledUse& before = before_[*partner_[i]];
    if (before.label != now.label) {
      changes.push_back({now.label, "label " + before.label + " -> " + now.label, true});
      return;
    }
    std::vector<std::string> texts;
    compare_parameters(before.use, now.use, now.label, texts);
    for (const std::string& text : texts) {
      changes.push_back({now.label, text, false});
    }
  }

  const std::vector<LabelledUse> before_;
  const std::vector<LabelledUse> now_;
  const std::string key_;
  std::vector<std::optional<std::size_t>> partner_;  // in before_, of each of now_
  std::set<std::size_t> taken_;                      // of before_
};

}  // namespace

std::vector<UseChange> use_changes(const Json& before, const Json& now, const std::string& key) {
  return UseComparison(before, now, key).changes();
}

std::string value_text(const Json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return text.empty() ? "\"\"" : text;
  }
  if (!value.is_structured()) return value.dump();
  std::string text;
  for (const auto& [key, item] : value.items()) {
    if (!text.empty()) text += ", ";
    if (value.is_object()) text += key + ": ";
    text += value_text(item);
  }
  return value.is_object() ? '{' + text + '}' : '[' + text + ']';
}

}  // namespace pressroom
