#include "config/overrides.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/values.h"

namespace pressroom {
namespace {

// Methods in methods in methods.
constexpr std::size_t kMostSteps = 64;

bool is_index(const std::string& step) {
  return std::all_of(step.begin(), step.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class PathFinder {
 public:
  PathFinder(const std::string& path, const YamlPlace& place, ProblemList& problems)
      : path_(path), place_(place), problems_(problems) {}

  // The node that the path leads to, made when it is missing; nullptr after a problem.
  YamlNode* find(YamlNode& root) {
    YamlNode* node = &root;
    bool in_list = false;
    const std::vector<std::string> steps = path_steps(path_);
    if (steps.size() > kMostSteps) {
      problems_.add(place_, "the path goes deeper than any key",
                    "at most " + std::to_string(kMostSteps) + " keys and dots between them",
                    std::to_string(steps.size()) + " keys", kCampaignManual);
      return nullptr;
    }
    for (const std::string& step : steps) {
      const bool by_index = !step.empty() && is_index(step);
      if (step.empty()) {
        problems_.add(place_, "the path names no key", "keys and dots, such as protocol.context",
                      '"' + path_ + '"', kCampaignManual);
        return nullptr;
      }
      // `datasets: {reader: text}` is a list of one, and goes by its name like an item.
      if (node != &root && node->find(step) == nullptr && item_name(*node) == step) {
        in_list = true;
        continue;
      }
      const bool was_list = by_index || node->kind == YamlKind::kSequence;
      if (by_index) {
        node = item_at(*node, step);
      } else if (node->kind == YamlKind::kSequence) {
        node = item_called(*node, step);
      } else {
        node = value_of(*node, step, in_list);
      }
      if (node == nullptr) return nullptr;
      in_list = in_list || was_list;
    }
    return node;
  }

 private:
  YamlNode* item_at(YamlNode& node, const std::string& step) {
    if (node.kind != YamlKind::kSequence) {
      YamlNode list = empty(YamlKind::kSequence);
      // One value serves as a list of one, whose item 0 it then is.
      if (node.kind != YamlKind::kNull) list.items.push_back(std::move(node));
      node = std::move(list);
    }
    // Beyond the list: from_chars leaves it so for a number that does not fit.
    std::size_t index = node.items.size() + 1;
    std::from_chars(step.data(), step.data() + step.size(), index);
    if (index > node.items.size()) {
      problems_.add(place_, "there is no item " + step + " in the list",
                    "0 to " + std::to_string(node.items.size()) + ", the last one appending", step,
                    "count from 0, or use the item's name");
      return nullptr;
    }
    if (index == node.items.size()) node.items.push_back(empty(YamlKind::kNull));
    return &node.items[index];
  }

  YamlNode* item_called(YamlNode& list, const std::string& name) {
    YamlNode* found = nullptr;
    std::string names;
    std::vector<std::string> all;
    for (YamlNode& item : list.items) {
      const std::string own = item_name(item);
      names += (names.empty() ? "" : ", ") + own;
      all.push_back(own);
      if (own != name) continue;
      if (found != nullptr) {
        problems_.add(place_, "two items of the list are called \"" + name + '"',
                      "one item, or an index from 0", path_, "use the index");
        return nullptr;
      }
      found = &item;
    }
    if (found == nullptr) {
      const std::string close = closest_match(name, all);
      problems_.add(
          place_, "no item of the list is called \"" + name + '"',
          names.empty() ? "an index from 0" : names + ", or an index from 0", name,
          close.empty() ? "use one of these, or an index" : "did you mean \"" + close + "\"?");
    }
    return found;
  }

  YamlNode* value_of(YamlNode& node, const std::string& key, bool in_list) {
    if (node.kind == YamlKind::kNull) node = empty(YamlKind::kMap);
    if (node.kind == YamlKind::kScalar && in_list) {
      YamlNode map = empty(YamlKind::kMap);
      map.place = node.place;
      // A bare name has no room for parameters; a mapping that gives it has. Datasets have the name
      // of their reader under another key than methods and metrics.
      const bool is_dataset = path_steps(path_).front() == "datasets";
      map.entries.push_back({is_dataset ? "reader" : "name", node.place, std::move(node)});
      node = std::move(map);
    }
    if (node.kind != YamlKind::kMap) {
      problems_.add(place_, "there is nothing called \"" + key + "\" to set",
                    "a mapping to put it into", describe(node), kCampaignManual);
      return nullptr;
    }
    if (YamlEntry* entry = node.find(key)) return &entry->value;
    node.entries.push_back({key, place_, empty(YamlKind::kNull)});
    return &node.entries.back().value;
  }

  YamlNode empty(YamlKind kind) const {
    YamlNode node;
    node.kind = kind;
    node.place = place_;
    return node;
  }

  const std::string& path_;
  const YamlPlace& place_;
  ProblemList& problems_;
};

}  // namespace

std::vector<std::string> path_steps(const std::string& path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.') {
      steps.emplace_back();
    } else {
      steps.back() += c;
    }
  }
  return steps;
}

YamlNode* node_at(YamlNode& root, const std::string& path, const YamlPlace& place,
                  ProblemList& problems) {
  return PathFinder(path, place, problems).find(root);
}

void remove_rivals(YamlNode& root, const std::string& path,
                   const std::vector<std::vector<std::string>>& exclusive) {
  const std::string key = path_steps(path).front();
  for (const std::vector<std::string>& group : exclusive) {
    if (std::find(group.begin(), group.end(), key) == group.end()) continue;
    const auto is_rival = [&](const YamlEntry& entry) {
      // Only what the file says: two rivals set by flags are both meant, and a problem.
      return entry.key != key && entry.value.place.source == 0 &&
             std::find(group.begin(), group.end(), entry.key) != group.end();
    };
    root.entries.erase(std::remove_if(root.entries.begin(), root.entries.end(), is_rival),
                       root.entries.end());
  }
}

void apply_overrides(YamlNode& root, const std::vector<Override>& overrides,
                     const std::vector<std::vector<std::string>>& exclusive,
                     ProblemList& problems) {
  int source = 0;
  for (const Override& flag : overrides) {
    ++source;
    YamlPlace place;
    place.origin = flag.origin;
    place.source = source;
    YamlNode value;
    try {
      value = parse_yaml(YamlText(flag.yaml, flag.origin, source), problems);
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) {
        problems.add(place, problem.what, problem.expected, problem.got, problem.fix);
      }
      continue;
    }
    remove_rivals(root, flag.path, exclusive);
    YamlNode* target = node_at(root, flag.path, place, problems);
    if (target != nullptr) *target = std::move(value);
  }
}

}  // namespace pressroom
