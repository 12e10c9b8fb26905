#include "config/protocol.h"

#include <filesystem>

#include "config/config.h"

namespace pressroom {
namespace {

// Which kind each setting belongs to, and whether that kind cannot do without it.
constexpr struct {
  const char* setting;
  ProtocolKind kind;
  bool is_required;
} kSettings[] = {{"chunk_size", ProtocolKind::kChunked, true},
                 {"prefill_tokens", ProtocolKind::kPrefill, true},
                 {"continuation", ProtocolKind::kPrefill, false},
                 {"window", ProtocolKind::kWindow, true},
                 {"stride", ProtocolKind::kWindow, false}};

ProtocolKind kind_named(const std::string& name) {
  for (const ProtocolKind kind :
       {ProtocolKind::kChunked, ProtocolKind::kPrefill, ProtocolKind::kWindow}) {
    if (name == to_string(kind)) return kind;
  }
  return ProtocolKind::kStream;
}

void check_settings(ProtocolKind kind, const YamlNode& map, SectionReader& section,
                    const ReadContext& context) {
  for (const auto& setting : kSettings) {
    const YamlEntry* entry = map.find(setting.setting);
    if (entry != nullptr && setting.kind != kind) {
      context.problems.add(
          entry->key_place, std::string(to_string(kind)) + " has no \"" + setting.setting + '"',
          std::string("\"") + setting.setting + "\" with kind " + to_string(setting.kind),
          std::string("kind ") + to_string(kind), "remove it, or change the kind");
    }
    const bool is_missing = setting.is_required && setting.kind == kind && entry == nullptr;
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
  protocol.window = section.value<std::int64_t>("window");
  protocol.stride = section.value<std::int64_t>("stride");
  if (protocol.stride == 0) protocol.stride = protocol.window;
  if (protocol.stride > protocol.window) {
    context.problems.add(map.find("stride")->value.place,
                         "\"protocol.stride\" is larger than the window",
                         "at most " + std::to_string(protocol.window),
                         std::to_string(protocol.stride), "tokens between windows would be lost");
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
    problems.add(node.place, "the protocol cannot be understood",
                 "a name, or {kind: NAME, settings}", yaml,
                 "write stream, chunked, prefill or window: pressroom show config says more");
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

}  // namespace pressroom
