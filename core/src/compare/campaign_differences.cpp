#include "compare/campaign_differences.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/json_text.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> parts_of(const fs::path& directory) {
  std::error_code ignored;
  // Links and ".." give a directory many paths; given twice it would be compared with itself.
  const fs::path full = fs::weakly_canonical(fs::absolute(directory, ignored), ignored);
  std::vector<std::string> parts;
  for (const fs::path& part : full) {
    if (!part.empty()) parts.push_back(part.string());
  }
  return parts;
}

std::string last_parts(const std::vector<std::string>& parts, std::size_t count) {
  std::string text;
  for (std::size_t i = parts.size() - std::min(count, parts.size()); i < parts.size(); ++i) {
    text += (text.empty() ? "" : "/") + parts[i];
  }
  return text;
}

}  // namespace

std::vector<std::string> distinguishing_names(const std::vector<fs::path>& directories) {
  std::vector<std::vector<std::string>> paths;
  std::size_t longest = 1;
  for (const fs::path& directory : directories) {
    paths.push_back(parts_of(directory));
    longest = std::max(longest, paths.back().size());
    if (std::count(paths.begin(), paths.end(), paths.back()) < 2) continue;
    throw Error({"a campaign is given twice", directory.string(),
                 "directories of different campaigns", "", "give each once"});
  }
  std::vector<std::string> names;
  for (std::size_t count = 1; count <= longest; ++count) {
    names.clear();
    for (const auto& path : paths) names.push_back(last_parts(path, count));
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) break;
  }
  return names;
}

namespace {

using Json = nlohmann::ordered_json;
using Settings = std::vector<std::pair<std::string, std::string>>;  // by path: "protocol.kind"

constexpr std::size_t kMost = 20;

std::string text_of(const Json& json) {
  if (json.is_null()) return "not given";
  if (json.is_string()) return json.get<std::string>();
  return json_line(json);
}

std::string word(const Json& map, const char* key) {
  const auto found = map.find(key);
  return found != map.end() && found->is_string() ? found->get<std::string>() : "";
}

bool holds_maps(const Json& json) {
  for (const Json& item : json) {
    if (item.is_object()) return true;
  }
  return false;
}

// What a list's item is called: its label, else its plugin.
std::string label_of(const Json& item) {
  if (item.is_string()) return item.get<std::string>();
  for (const char* key : {"as", "name", "reader"}) {
    if (item.is_object() && !word(item, key).empty()) return word(item, key);
  }
  return "?";
}

void flatten(const Json& json, const std::string& path, Settings& settings) {
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      std::string inner = path.empty() ? "" : path + ".";
      flatten(value, inner += key, settings);
    }
  } else if (json.is_array() && holds_maps(json)) {
    // By label, not by place: one method more would shift all that follow it.
    for (const Json& item : json) flatten(item, path + "." + label_of(item), settings);
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

void compare_configs(const Json& a, const Json& b, Differences& differences) {
  // What is compared is visible in the table: which methods, datasets, budgets and metrics.
  static const std::set<std::string> silent = {"name",     "threads", "traces",
                                               "outputs",  "metrics", "seeds",
                                               "sparsity", "budget",  "protocol.context"};
  Settings of_a;
  Settings of_b;
  flatten(a, "", of_a);
  flatten(b, "", of_b);
  for (const auto& [path, value] : of_a) {
    if (silent.count(path) > 0) continue;
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
  return differences.finish();
}

}  // namespace pressroom
