#include "config/section.h"

#include <algorithm>
#include <filesystem>
#include <unordered_set>
#include <utility>

namespace pressroom {

SectionReader::SectionReader(const YamlNode& map, std::string section, const ReadContext& context)
    : map_(map), section_(std::move(section)), context_(context) {
  std::vector<const ParameterSpec*> specs;
  for (const ConfigKey* key : config_keys(section_)) specs.push_back(&key->spec);
  std::vector<std::pair<std::string, std::string>> elsewhere;
  for (const ConfigKey& key : config_keys()) {
    const bool is_here = key.section == section_;
    if (is_here || key.section.find('[') != std::string::npos) continue;
    const auto is_named = [&](const auto& other) { return other.first == key.spec.name; };
    if (std::any_of(elsewhere.begin(), elsewhere.end(), is_named)) continue;
    const std::string home = key.section.empty() ? "the top level" : '"' + key.section + '"';
    elsewhere.emplace_back(key.spec.name, "it belongs to " + home + ": move it there");
  }
  misspelt_ = refuse_unknown_keys(map_, specs, section_, elsewhere, context_.problems);
}

bool SectionReader::is_misspelt(const std::string& name) const {
  return std::find(misspelt_.begin(), misspelt_.end(), name) != misspelt_.end();
}

const YamlNode* SectionReader::node(const std::string& name) {
  const ConfigKey& key = config_key(section_, name);
  const YamlEntry* entry = find_declared(map_, key.spec, context_.problems);
  if (entry != nullptr) return &entry->value;
  if (key.default_yaml) {
    const YamlText text(*key.default_yaml, "the default of " + key.path(), -1);
    defaults_.push_back(parse_yaml(text, context_.problems));
    return &defaults_.back();
  }
  if (!key.optional && !is_misspelt(name)) {
    YamlPlace place = map_.place;
    if (section_.empty()) place.line = 0;
    context_.problems.add(place, '"' + key.path() + "\" is missing",
                          key.accepts() + ": " + key.spec.help_text, "nothing",
                          "add \"" + name + ": ...\"");
  }
  return nullptr;
}

std::vector<ParameterValue> SectionReader::read(const std::string& name) {
  const ConfigKey& key = config_key(section_, name);
  const YamlNode* found = node(name);
  std::vector<ParameterValue> values;
  std::unordered_set<std::string> seen;
  if (found == nullptr) return values;
  const bool is_list = key.shape == KeyShape::kList;
  if (is_list && found->kind == YamlKind::kSequence && found->items.empty()) {
    context_.problems.add(found->place, '"' + key.path() + "\" is empty", key.accepts(), "[]",
                          "write at least one value");
  }
  const bool in_list = found->kind == YamlKind::kSequence;
  const std::string expected = in_list ? key.item_accepts() : key.accepts();
  for (const YamlNode* item : is_list ? items_of(*found) : std::vector<const YamlNode*>{found}) {
    std::optional<ParameterValue> value = read_item(key, *item, expected);
    if (!value) continue;
    // By the value and not as written: 0.5 and 0.50 would be one cell twice.
    if (!seen.insert(to_string(*value)).second) {
      context_.problems.add(item->place, '"' + key.path() + "\" holds a value twice",
                            "each value once", describe(*item), "remove one of the two");
    }
    values.push_back(std::move(*value));
  }
  return values;
}

std::optional<ParameterValue> SectionReader::read_item(const ConfigKey& key, const YamlNode& node,
                                                       const std::string& expected) {
  const std::string subject = '"' + key.path() + '"';
  std::optional<ParameterValue> value = read_value(subject, key.spec, node, context_, expected);
  const double* number = value ? std::get_if<double>(&*value) : nullptr;
  if (number == nullptr || !key.below || *number < *key.below) return value;
  const bool percent = *number > 1 && *number < 100;
  context_.problems.add(
      node.place,
      *number == 1 ? "a " + key.path() + " of 1 would leave nothing" : subject + " is out of range",
      expected, describe(node),
      percent ? "it is a fraction: 50 % is 0.5" : "write a fraction from 0 to below 1");
  return std::nullopt;
}

namespace {

// Which kinds each setting belongs to, the first of them twice where it is the only one, and
// whether they cannot do without it.
constexpr struct {
  const char* setting;
  ProtocolKind kind;
  ProtocolKind other_kind;
  bool is_required;

  bool belongs_to(ProtocolKind of) const { return of == kind || of == other_kind; }
} kSettings[] = {{"chunk_size", ProtocolKind::kChunked, ProtocolKind::kChunked, true},
                 {"prefill_tokens", ProtocolKind::kPrefill, ProtocolKind::kPrefill, true},
                 {"continuation", ProtocolKind::kPrefill, ProtocolKind::kQuestions, false},
                 {"query", ProtocolKind::kQuestions, ProtocolKind::kQuestions, false},
                 {"asked", ProtocolKind::kQuestions, ProtocolKind::kQuestions, false},
                 {"window", ProtocolKind::kWindow, ProtocolKind::kWindow, true},
                 {"stride", ProtocolKind::kWindow, ProtocolKind::kWindow, false}};

ProtocolKind kind_named(const std::string& name) {
  for (const ProtocolKind kind : {ProtocolKind::kChunked, ProtocolKind::kPrefill,
                                  ProtocolKind::kQuestions, ProtocolKind::kWindow}) {
    if (name == to_string(kind)) return kind;
  }
  // The default; a name that is none was reported when it was read.
  return ProtocolKind::kStream;
}

void check_settings(ProtocolKind kind, const YamlNode& map, SectionReader& section,
                    const ReadContext& context) {
  for (const auto& setting : kSettings) {
    const YamlEntry* entry = map.find(setting.setting);
    if (entry != nullptr && !setting.belongs_to(kind)) {
      context.problems.add(
          entry->key_place, std::string(to_string(kind)) + " has no \"" + setting.setting + '"',
          std::string("\"") + setting.setting + "\" with kind " + to_string(setting.kind),
          std::string("kind ") + to_string(kind), "remove it, or change the kind");
    }
    const bool is_missing = setting.is_required && setting.belongs_to(kind) && entry == nullptr;
    if (is_missing && !section.is_misspelt(setting.setting)) {
      context.problems.add(map.place,
                           std::string(to_string(kind)) + " needs \"" + setting.setting + '"',
                           config_key("protocol", setting.setting).accepts(), "nothing",
                           std::string("add \"") + setting.setting + ": ...\"");
    }
  }
}

}  // namespace

Protocol read_protocol(SectionReader& section, const YamlNode& map, const ReadContext& context) {
  Protocol protocol;
  protocol.kind = kind_named(section.value<std::string>("kind"));
  check_settings(protocol.kind, map, section, context);
  protocol.chunk_size = section.value<std::int64_t>("chunk_size");
  protocol.prefill_tokens = section.value<std::int64_t>("prefill_tokens");
  if (section.value<std::string>("continuation") == "hold") {
    protocol.continuation = Continuation::kHold;
  }
  if (section.value<std::string>("query") == "inside") protocol.query = Query::kInside;
  if (section.value<std::string>("asked") == "turns") protocol.asked = Asked::kTurns;
  // Then both were given: neither is the default.
  if (protocol.query == Query::kInside && protocol.asked == Asked::kTurns) {
    context.problems.add(
        map.find("asked")->value.place, "a question inside the compression cannot follow others",
        "asked: independent with query: inside", "turns", "choose query: after, or independent");
  }
  protocol.window = section.value<std::int64_t>("window");
  protocol.stride = section.value<std::int64_t>("stride");
  if (protocol.stride == 0) protocol.stride = protocol.window;
  // Then it was given, since one left out is the window: find() below is not null.
  if (protocol.stride > protocol.window) {
    context.problems.add(map.find("stride")->value.place,
                         "\"protocol.stride\" is larger than the window",
                         "at most " + std::to_string(protocol.window),
                         std::to_string(protocol.stride), "tokens between windows would be lost");
  }
  protocol.server = read_constraints(map, "protocol", "", context).over({});
  if (const std::optional<Contradiction> found = contradiction_in(protocol)) {
    const Problem& problem = found->problem;
    context.problems.add(map.find(found->key)->key_place, problem.what, problem.expected,
                         problem.got, problem.fix);
  }
  return protocol;
}

Protocol parse_protocol(const std::string& yaml, const std::string& origin) {
  ProblemList problems;
  const std::filesystem::path here = std::filesystem::current_path();
  const ReadContext context{problems, here, here};
  YamlNode node = parse_yaml(YamlText(yaml, origin, 1), problems);
  problems.throw_if_any();
  if (node.kind == YamlKind::kScalar) {
    node = parse_yaml(YamlText("{kind: " + yaml + "}", origin, 1), problems);
  }
  if (node.kind != YamlKind::kMap) {
    problems.add(
        node.place, "the protocol cannot be understood", "a name, or {kind: NAME, settings}", yaml,
        "write stream, chunked, prefill, questions or window: pressroom show config says more");
  }
  problems.throw_if_any();
  for (const char* of_campaign : {"context", "documents"}) {
    const YamlEntry* entry = node.find(of_campaign);
    if (entry == nullptr) continue;
    problems.add(entry->key_place, std::string("one document has no \"") + of_campaign + '"',
                 "kind and its settings", of_campaign, "the document is taken as it is");
  }
  SectionReader section(node, "protocol", context);
  const Protocol protocol = read_protocol(section, node, context);
  problems.throw_if_any();
  return protocol;
}

const YamlNode* mapping_under(SectionReader& top, const std::string& key, const std::string& advice,
                              const ReadContext& context) {
  const YamlNode* node = top.node(key);
  if (node == nullptr || node->kind == YamlKind::kRefused) return nullptr;
  if (node->kind == YamlKind::kMap) return node;
  context.problems.add(node->place, '"' + top.declared(key).path() + "\" is not a mapping",
                       top.declared(key).accepts(), describe(*node), advice);
  return nullptr;
}

}  // namespace pressroom
