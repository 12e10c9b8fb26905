// How much a campaign evicts: `sparsity`, `budget` or `match`.
#include <algorithm>

#include "config/plugin_use.h"
#include "config/section.h"

namespace pressroom {
namespace {

// `to` is one of the methods as the file writes them: those that are wrong are reported already.
void check_target(const YamlNode& root, const MatchConfig& match, const YamlNode& to,
                  const ReadContext& context) {
  const YamlEntry* methods = root.find("methods");
  if (methods == nullptr || match.to.empty()) return;
  std::vector<std::string> labels;
  std::string listed;
  for (const YamlNode* item : items_of(methods->value)) {
    labels.push_back(item_name(*item));
    if (labels.back() == match.to && match.to != kDenseMethod) return;
    if (labels.back() == kDenseMethod) continue;
    listed += (listed.empty() ? "" : ", ") + labels.back();
  }
  const std::string close = closest_match(match.to, labels);
  context.problems.add(
      to.place,
      match.to == kDenseMethod ? "\"match.to\" is the baseline, which keeps everything"
                               : "\"match.to\" is none of the campaign's methods",
      "the label of a method that decides by itself how much it keeps, one of " + listed, match.to,
      close.empty() || close == match.to
          ? "name such a method of the campaign; where it has none, add one, such as dms"
          : "did you mean \"" + close + "\"?");
}

std::optional<MatchConfig> read_match(const YamlNode& root, SectionReader& top,
                                      const ReadContext& context) {
  if (top.node("match") == nullptr) return std::nullopt;
  MatchConfig match;  // given, whatever is wrong with it: no other amount is asked for
  const YamlNode* node = mapping_under(top, "match", "write \"match: {to: ...}\"", context);
  if (node == nullptr) return match;
  SectionReader section(*node, "match", context);
  match.to = section.value<std::string>("to");
  match.by = section.value<std::string>("by");
  match.documents = section.value<std::int64_t>("documents");
  match.tolerance = section.value<double>("tolerance");
  if (const YamlEntry* to = node->find("to")) check_target(root, match, to->value, context);
  return match;
}

std::vector<const YamlEntry*> given_amounts(const YamlNode& root) {
  // Two aliases of one key were a problem when the key was read.
  ProblemList reported_before;
  std::vector<const YamlEntry*> given;
  for (const char* name : {"sparsity", "budget", "match"}) {
    const YamlEntry* entry = find_declared(root, config_key("", name).spec, reported_before);
    if (entry != nullptr) given.push_back(entry);
  }
  std::sort(given.begin(), given.end(),
            [](const YamlEntry* a, const YamlEntry* b) { return a->key_place < b->key_place; });
  return given;
}

void refuse_second(const YamlEntry& first, const YamlEntry& second, const ReadContext& context) {
  const bool has_match = first.key == "match" || second.key == "match";
  context.problems.add(second.key_place,
                       '"' + second.key + "\" and \"" + first.key + "\" are both given",
                       "one of the two", "the other is at " + first.key_place.text(),
                       has_match ? "remove one: \"match\" finds the budgets by itself"
                                 : "remove one: a budget is context * (1 - sparsity)");
}

}  // namespace

void read_amount(const YamlNode& root, SectionReader& top, const ReadContext& context,
                 CampaignConfig& config) {
  config.sparsity = top.list<double>("sparsity");
  config.budget = top.list<std::int64_t>("budget");
  config.match = read_match(root, top, context);
  const std::vector<const YamlEntry*> given = given_amounts(root);
  for (std::size_t i = 1; i < given.size(); ++i) refuse_second(*given[0], *given[i], context);
  if (!given.empty()) return;
  for (const char* name : {"sparsity", "budget", "match"}) {
    // Who misspelt the key has given it, and is told so already.
    if (top.is_misspelt(name)) return;
  }
  const auto is_dense = [](const PluginUse& use) { return use.plain_name() == kDenseMethod; };
  if (!config.methods.empty() &&
      std::all_of(config.methods.begin(), config.methods.end(), is_dense)) {
    config.sparsity = {0};
    return;
  }
  YamlPlace place = root.place;
  place.line = 0;
  context.problems.add(place, "nothing says how much to evict",
                       "\"sparsity\", \"budget\" or \"match\"", "none of them",
                       "add \"sparsity: [0.5, 0.9]\"");
}

}  // namespace pressroom
