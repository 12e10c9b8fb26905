#include "yaml/yaml_builder.h"

namespace pressroom {
namespace {

// yaml-cpp gives a node without a tag the tag "?", or "!" when it is a quoted scalar.
bool is_own_tag(const std::string& tag) { return tag.empty() || tag == "?" || tag == "!"; }

}  // namespace

std::size_t YamlBuilder::offset_of(const YAML::Mark& mark) const {
  return text_.offset(mark.line, mark.column);
}

std::optional<std::size_t> YamlBuilder::innermost_flow() const {
  for (auto open = open_.rbegin(); open != open_.rend(); ++open) {
    const char first = text_.content()[open->offset];
    if (first == '[' || first == '{') return open->offset;
  }
  return std::nullopt;
}

void YamlBuilder::refuse_extras(const YamlPlace& place, const std::string& tag,
                                YAML::anchor_t anchor) {
  if (anchor != YAML::NullAnchor) {
    problems_.add(place, "anchors are not accepted", "values written out", "an anchor (&)",
                  "remove it");
  }
  if (!is_own_tag(tag)) {
    const std::string standard = "tag:yaml.org,2002:";
    const bool short_form = tag.compare(0, standard.size(), standard) == 0;
    problems_.add(place, "tags are not accepted", "a plain value",
                  short_form ? "!!" + tag.substr(standard.size()) : tag, "remove the tag");
  }
}

void YamlBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  // The mark of a value that is left out is that of whatever comes next.
  const std::string& content = text_.content();
  std::size_t offset = std::min(offset_of(mark), content.size());
  // A null that is written out, as ~ or null, is where its mark says.
  if (content.compare(offset, 1, "~") != 0 && content.find_first_of("nN", offset) != offset) {
    const std::size_t before = offset == 0 ? 0 : content.find_last_not_of(" \n", offset - 1);
    if (before != std::string::npos) offset = before;
  }
  YamlNode node;
  node.place = text_.place(offset);
  refuse_extras(node.place, "", anchor);
  attach(std::move(node));
}

void YamlBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  YamlNode node;
  node.kind = YamlKind::kRefused;
  node.place = text_.place(offset_of(mark));
  problems_.add(node.place, "aliases are not accepted", "a value written out", "an alias (*)",
                "write the value out");
  attach(std::move(node));
}

void YamlBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  YamlNode node;
  node.kind = YamlKind::kScalar;
  node.place = text_.place(offset_of(mark));
  node.text = value;
  node.plain = tag != "!";
  if (!node.plain) check_closed_quote(offset_of(mark));
  // yaml-cpp gives a quoted scalar the tag "!", which a user can write, too: the text tells.
  const bool tagged = text_.content().compare(offset_of(mark), 1, "!") == 0;
  refuse_extras(node.place, tagged && tag == "!" ? "! without a name" : tag, anchor);
  attach(std::move(node));
}

// yaml-cpp lets a quote run to the end of the file.
void YamlBuilder::check_closed_quote(std::size_t offset) const {
  const std::string& content = text_.content();
  const char quote = offset < content.size() ? content[offset] : '\0';
  if (quote != '"' && quote != '\'') return;
  for (std::size_t i = offset + 1; i < content.size(); ++i) {
    const bool doubled = quote == '\'' && content.compare(i, 2, "''") == 0;
    const bool escaped = quote == '"' && content[i] == '\\';
    if (doubled || escaped) {
      ++i;
    } else if (content[i] == quote) {
      return;
    }
  }
  throw Error({"a quote is never closed", text_.place(offset).text(),
               "a closing " + std::string(1, quote), "the end of the text", "close the quote"});
}

void YamlBuilder::open(YamlKind kind, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
  Open opened;
  opened.offset = offset_of(mark);
  opened.node.kind = kind;
  opened.node.place = text_.place(opened.offset);
  refuse_extras(opened.node.place, tag, anchor);
  open_.push_back(std::move(opened));
}

void YamlBuilder::close() {
  YamlNode node = std::move(open_.back().node);
  open_.pop_back();
  attach(std::move(node));
}

void YamlBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  open(YamlKind::kSequence, mark, tag, anchor);
}

void YamlBuilder::OnSequenceEnd() { close(); }

void YamlBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  open(YamlKind::kMap, mark, tag, anchor);
}

void YamlBuilder::OnMapEnd() { close(); }

void YamlBuilder::attach(YamlNode node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Open& parent = open_.back();
  if (parent.node.kind == YamlKind::kSequence) {
    parent.node.items.push_back(std::move(node));
  } else if (!parent.key) {
    parent.key = std::move(node);
  } else {
    attach_entry(parent, std::move(*parent.key), std::move(node));
    parent.key.reset();
  }
}

void YamlBuilder::attach_entry(Open& map, YamlNode key, YamlNode value) {
  if (key.kind == YamlKind::kRefused) return;
  if (key.kind != YamlKind::kScalar) {
    problems_.add(key.place, "a key is not a word", "a word before the \":\"", describe(key),
                  "write the key as a plain word");
    return;
  }
  std::vector<YamlEntry>& entries = map.node.entries;
  const auto [first, is_new] = map.index.emplace(key.text, entries.size());
  if (!is_new) {
    problems_.add(key.place, "the key \"" + key.text + "\" is given twice", "each key once",
                  "it is already at " + entries[first->second].key_place.text(),
                  "remove one of the two");
    return;
  }
  // A value that was left out has no place: messages about it lead to its key.
  if (value.kind == YamlKind::kNull) value.place = key.place;
  entries.push_back({std::move(key.text), key.place, std::move(value)});
}

}  // namespace pressroom
