#include "compare/campaign_differences.h"

#include <map>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "results/config_values.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;
using Settings = std::vector<std::pair<std::string, std::string>>;  // by path: "protocol.kind"

constexpr std::size_t kMost = 20;

std::string text_of(const Json& json) {
  if (json.is_null()) return "not given";
  if (json.is_string()) return json.get<std::string>();
  return json_line(json);
}

bool holds_maps(const Json& json) {
  for (const Json& item : json) {
    if (item.is_object()) return true;
  }
  return false;
}

void flatten(const Json& json, const std::string& path, Settings& settings) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      std::string inner = path.empty() ? "" : path + ".";
      flatten(value, inner += key, settings);
    }
  } else if (json.is_array() && holds_maps(json)) {
    // By label, not by place: one method more would shift all that follow it.
    for (const Json& item : json) flatten(item, path + "." + label_of_use(item), settings);
  } else if (json.is_array()) {
    std::string list;
    for (const Json& item : json) list += (list.empty() ? "" : ", ") + text_of(item);
    settings.emplace_back(path, "[" + list + "]");
  } else {
    settings.emplace_back(path, text_of(json));
  }
}

const Json* at(const Json& json, const std::vector<std::string>& path) {
  const Json* place = &json;
  for (const std::string& key : path) {
    if (!place->is_object() || place->find(key) == place->end()) return nullptr;
    place = &*place->find(key);
  }
  return place;
}

// A hash says only whether, not what.
bool is_hash(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

class Differences {
 public:
  Differences(const std::string& first, const std::string& second)
      : first_(first), second_(second) {}

  void compare(const std::string& what, const std::string& a, const std::string& b) {
    if (a == b) return;
    if (is_hash(a) && is_hash(b)) {
      add(what + " differs");
    } else {
      add(what + " is " + a + " in " + first_ + " and " + b + " in " + second_);
    }
  }

  void compare(const std::string& what, const Json& a, const Json& b,
               const std::vector<std::string>& path) {
    const Json* of_a = at(a, path);
    const Json* of_b = at(b, path);
    if (of_a != nullptr && of_b != nullptr) compare(what, text_of(*of_a), text_of(*of_b));
  }

  std::vector<std::string> finish() {
    if (found_ > kMost) lines_.push_back("and " + std::to_string(found_ - kMost) + " more");
    return std::move(lines_);
  }

 private:
  void add(std::string line) {
    if (++found_ <= kMost) lines_.push_back(std::move(line));
  }

  const std::string first_;
  const std::string second_;
  std::vector<std::string> lines_;
  std::size_t found_ = 0;
};

void compare_provenance(const Json& a, const Json& b, Differences& differences) {
  for (const char* key : {"pressroom", "libtorch", "blas", "compiler"}) {
    differences.compare(key, a, b, {key});
  }
  differences.compare("the machine's cpu", a, b, {"machine", "cpu"});
  differences.compare("the model's config file", a, b, {"model", "config_sha256"});
  differences.compare("the model's weight file", a, b, {"model", "weights_sha256"});
  differences.compare("the tokenizer", a, b, {"model", "tokenizer_sha256"});
  for (const char* kind : {"methods", "datasets"}) {
    const Json* plugins = at(a, {kind});
    if (plugins == nullptr || !plugins->is_object()) continue;
    for (const auto& [label, plugin] : plugins->items()) {
      differences.compare("the plugin of " + label, a, b, {kind, label, "sha256"});
    }
  }
}

// How keys and values are held stands in a config where it is not float32, and in a method's use
// where it is not the campaign's. What is left out is compared all the same.
class HeldVectors {
 public:
  explicit HeldVectors(const Json& config) : config_(config) {
    for (const Json& use : items_in(config, "methods")) uses_[label_of_use(use)] = use;
  }

  std::string of_campaign() const {
    const std::string said = word_in(config_, kKey);
    return said.empty() ? "float32" : said;
  }
  std::string of(const std::string& method) const {
    const std::string said = said_of(method);
    return said.empty() ? of_campaign() : said;
  }
  std::string said_of(const std::string& method) const { return word_in(uses_.at(method), kKey); }
  const std::map<std::string, Json>& uses() const { return uses_; }

  static constexpr const char* kKey = "kv_dtype";

 private:
  const Json& config_;
  std::map<std::string, Json> uses_;  // by label
};

void compare_held_vectors(const Json& a, const Json& b, Differences& differences) {
  const HeldVectors in_a(a);
  const HeldVectors in_b(b);
  differences.compare(HeldVectors::kKey, in_a.of_campaign(), in_b.of_campaign());
  for (const auto& [method, use] : in_a.uses()) {
    if (in_b.uses().count(method) == 0) continue;
    // Where neither says it, the line above does.
    if (in_a.said_of(method).empty() && in_b.said_of(method).empty()) continue;
    differences.compare("methods." + method + "." + HeldVectors::kKey, in_a.of(method),
                        in_b.of(method));
  }
}

void compare_configs(const Json& a, const Json& b, Differences& differences) {
  // What is compared is visible in the table: which methods, datasets, budgets and metrics.
  static const std::set<std::string> silent = {"name",     "threads", "traces",
                                               "outputs",  "metrics", "seeds",
                                               "sparsity", "budget",  "protocol.context"};
  const auto is_silent = [](const std::string& path) {
    // As is what compare_held_vectors() tells of.
    return silent.count(path) > 0 || path.substr(path.rfind('.') + 1) == HeldVectors::kKey;
  };
  Settings of_a;
  Settings of_b;
  flatten(a, "", of_a);
  flatten(b, "", of_b);
  for (const auto& [path, value] : of_a) {
    if (is_silent(path)) continue;
    for (const auto& [other_path, other] : of_b) {
      if (other_path == path) differences.compare(path, value, other);
    }
  }
}

}  // namespace

std::vector<std::string> campaign_differences(const StoredCampaign& first,
                                              const std::string& first_name,
                                              const StoredCampaign& second,
                                              const std::string& second_name) {
  Differences differences(first_name, second_name);
  compare_provenance(first.provenance, second.provenance, differences);
  compare_configs(first.config, second.config, differences);
  compare_held_vectors(first.config, second.config, differences);
  return differences.finish();
}

}  // namespace pressroom
