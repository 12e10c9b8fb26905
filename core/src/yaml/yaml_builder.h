// Builds a tree of YamlNode from yaml-cpp's events. Private to yaml_tree.cpp.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "yaml/yaml_tree.h"

namespace pressroom {

class YamlBuilder : public YAML::EventHandler {
 public:
  // Both are borrowed and must outlive the builder.
  YamlBuilder(const YamlText& text, ProblemList& problems) : text_(text), problems_(problems) {}

  // The document, once the parser has come to its end.
  YamlNode take_root() { return std::move(root_); }
  // Where the innermost [ or { still open begins; for messages about one that is never closed.
  std::optional<std::size_t> innermost_flow() const;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // A sequence or map whose end has not come yet.
  struct Open {
    YamlNode node;
    std::size_t offset = 0;
    std::optional<YamlNode> key;                         // of a map: the key whose value comes next
    std::unordered_map<std::string, std::size_t> index;  // of the entries of a map, by their keys
  };

  std::size_t offset_of(const YAML::Mark& mark) const;
  void open(YamlKind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void close();
  void refuse_extras(const YamlPlace& place, const std::string& tag, YAML::anchor_t anchor);
  void check_closed_quote(std::size_t offset) const;
  void attach(YamlNode node);
  void attach_entry(Open& map, YamlNode key, YamlNode value);

  const YamlText& text_;
  ProblemList& problems_;
  std::vector<Open> open_;
  YamlNode root_;
};

}  // namespace pressroom
