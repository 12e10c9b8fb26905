#include "yaml/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <sstream>

#include "base/utf8.h"
#include "yaml/yaml_builder.h"

namespace pressroom {
namespace {

// What to do about the syntax errors that people make most.
std::string advice(const std::string& message) {
  struct Advice {
    const char* part;
    const char* fix;
  };
  static constexpr Advice kAdvice[] = {
      {"flow", "close the bracket: every [ needs its ] and every { its }"},
      {"illegal map value", "check the indentation; a value that contains \": \" needs quotes"},
      {"end of map", "check the indentation: keys of one mapping start in the same column"},
      {"end of sequence", "check the indentation: the items of one list start in the same column"},
      {"tab", "indent with spaces"},
      {"unknown token", "put the value in quotes"},
      {"alias", "write the value out: aliases are not accepted"},
      {"anchor", "write the value out: aliases are not accepted"},
  };
  for (const Advice& entry : kAdvice) {
    if (message.find(entry.part) != std::string::npos) return entry.fix;
  }
  return "check the indentation, brackets and quotes here and on the line before";
}

class SecondDocument : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { start = mark; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  YAML::Mark start;
};

[[noreturn]] void throw_empty(const YamlText& text) {
  const YamlPlace place = text.whole();
  if (place.source > 0)
    throw Error({"the value is empty", place.text(), "a value", "nothing",
                 "write a value behind the \"=\", or leave the flag out"});
  throw Error({"the config is empty", place.text(), "a campaign", "nothing but blanks and comments",
               "check the path, or begin with a copy of configs/quickstart.yaml"});
}

[[noreturn]] void throw_syntax(const YamlText& text, const YamlBuilder& builder,
                               const YAML::Exception& error) {
  const std::size_t offset = text.offset(error.mark.line, error.mark.column);
  const auto open = builder.innermost_flow();
  // An unclosed bracket is noticed at the end of the file; what helps is where it was opened.
  if (open && error.msg.find("flow not found") != std::string::npos) {
    const bool square = text.content()[*open] == '[';
    throw Error({"a bracket is never closed", text.place(*open).text(),
                 square ? "a closing ]" : "a closing }", "the end of the text",
                 "close the bracket"});
  }
  throw Error(
      {"this is not YAML: " + error.msg, text.place(offset).text(), "", "", advice(error.msg)});
}

}  // namespace

const YamlEntry* YamlNode::find(const std::string& key) const {
  for (const YamlEntry& entry : entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

YamlEntry* YamlNode::find(const std::string& key) {
  return const_cast<YamlEntry*>(static_cast<const YamlNode*>(this)->find(key));
}

YamlNode parse_yaml(const YamlText& text, ProblemList& problems) {
  // Without a last line break yaml-cpp does not let a quote run on, and says less well where.
  std::istringstream stream(text.content() + '\n');
  YamlBuilder builder(text, problems);
  SecondDocument second;
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) throw_empty(text);
    if (parser.HandleNextDocument(second)) {
      throw Error({"a second document begins here",
                   text.place(text.offset(second.start.line, second.start.column)).text(),
                   "one document in a file", "\"---\"", "put each into a file of its own"});
    }
  } catch (const YAML::Exception& error) {
    throw_syntax(text, builder, error);
  }
  YamlNode root = builder.take_root();
  if (root.kind == YamlKind::kNull) throw_empty(text);
  return root;
}

std::string describe(const YamlNode& node) {
  constexpr std::size_t kMostBytes = 60;
  switch (node.kind) {
    case YamlKind::kScalar: {
      std::string text = node.text;
      if (text.size() > kMostBytes) {
        text.resize(valid_utf8_length(std::string_view(text).substr(0, kMostBytes)));
        text += "...";
      }
      return node.plain ? text : '"' + text + '"';
    }
    case YamlKind::kSequence:
      return "a list";
    case YamlKind::kMap:
      return "a mapping";
    default:
      return "nothing";
  }
}

}  // namespace pressroom
