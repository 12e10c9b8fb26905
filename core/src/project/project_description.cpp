#include "project/project_description.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/utf8.h"
#include "base/whole_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostDescriptionBytes = std::size_t{64} << 10;
constexpr const char* kShape =
    "licence: Apache-2.0 and authors: [A. Author], as pressroom plugin new writes them";

class DescriptionReader {
 public:
  DescriptionReader(const YamlNode& root, ProblemList& problems)
      : root_(root), problems_(problems) {}

  ProjectDescription read() {
    refuse_unknown(root_, {"licence", "authors", "summary", "paper", "sdk", "golden"});
    ProjectDescription project;
    project.licence = needed_line("licence", "its SPDX identifier, as in Apache-2.0");
    project.authors = authors();
    project.summary = line("summary");
    project.paper = line("paper", /*may_be_empty=*/true);
    project.sdk = sdk();
    if (const YamlEntry* golden = root_.find("golden")) project.golden = map(*golden, "parameters");
    return project;
  }

 private:
  void refuse(const YamlPlace& place, const std::string& what, const std::string& expected,
              const std::string& got, const std::string& fix) {
    problems_.add(place, what, expected, got, fix);
  }

  void refuse_unknown(const YamlNode& map, const std::vector<std::string>& known) {
    for (const YamlEntry& entry : map.entries) {
      if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
      const std::string meant = closest_match(entry.key, known);
      refuse(entry.key_place, "unknown key \"" + entry.key + '"', joined(known), entry.key,
             meant.empty() ? "remove it" : "did you mean \"" + meant + "\"?");
    }
  }

  // A text that is printed where the plugin is offered: one line that steers no terminal.
  std::optional<std::string> line(const YamlNode& node, const std::string& key,
                                  bool may_be_empty = false) {
    if (node.kind == YamlKind::kRefused) return std::nullopt;
    const Reading<std::string> text = read_string(node);
    const bool is_line = text.value && *text.value == printable_line(*text.value) &&
                         (may_be_empty || !text.value->empty());
    if (is_line) return text.value;
    refuse(node.place, '"' + key + "\" is no text that can be shown",
           "one line, without control characters" + std::string(may_be_empty ? "" : ", not empty"),
           describe(node), text.hint.empty() ? "say it in one line" : text.hint);
    return std::nullopt;
  }

  std::optional<std::string> line(const std::string& key, bool may_be_empty = false) {
    const YamlEntry* entry = root_.find(key);
    return entry == nullptr ? std::nullopt : line(entry->value, key, may_be_empty);
  }

  void refuse_missing(const std::string& key, const std::string& expected) {
    refuse(root_.place, '"' + key + "\" is missing", expected, "nothing",
           "add \"" + key + ": ...\"");
  }

  std::string needed_line(const std::string& key, const std::string& expected) {
    if (root_.find(key) == nullptr) refuse_missing(key, expected);
    return line(key).value_or("");
  }

  std::vector<std::string> authors() {
    std::vector<std::string> names;
    const YamlEntry* entry = root_.find("authors");
    if (entry == nullptr) {
      refuse_missing("authors", "a list of names, as in [A. Author]");
      return names;
    }
    const YamlNode& list = entry->value;
    if (list.kind == YamlKind::kRefused) return names;
    if (list.kind != YamlKind::kSequence || list.items.empty()) {
      refuse(list.place, "the authors are no list of names", "one name at least, as in [A. Author]",
             list.kind == YamlKind::kSequence ? "an empty list" : describe(list),
             "write them in brackets");
      return names;
    }
    for (const YamlNode& item : list.items) {
      if (std::optional<std::string> name = line(item, "authors")) names.push_back(*name);
    }
    return names;
  }

  YamlNode map(const YamlEntry& entry, const std::string& of_what) {
    const bool is_map = entry.value.kind == YamlKind::kMap || entry.value.kind == YamlKind::kNull;
    if (is_map || entry.value.kind == YamlKind::kRefused) return entry.value;
    refuse(entry.value.place, '"' + entry.key + "\" is no mapping", of_what + ", KEY: VALUE",
           describe(entry.value), "write {KEY: VALUE}");
    return {};
  }

  // The version that `sdk` has under `key`.
  SdkVersion bound(const YamlNode& sdk, const std::string& key, const SdkVersion& usual) {
    const YamlEntry* entry = sdk.find(key);
    if (entry == nullptr || entry->value.kind == YamlKind::kRefused) return usual;
    const Reading<std::string> text = read_string(entry->value);
    const std::optional<SdkVersion> version =
        text.value ? parse_sdk_version(*text.value) : std::nullopt;
    if (version) return *version;
    refuse(entry->value.place, "this is no version of the SDK", "MAJOR.MINOR, as in \"7.0\"",
           describe(entry->value), "this Pressroom's is \"" + this_sdk().text() + '"');
    return usual;
  }

  SdkRange sdk() {
    const SdkVersion here = this_sdk();
    SdkRange range = {here, {here.major + 1, 0}};
    const YamlEntry* entry = root_.find("sdk");
    if (entry == nullptr) return range;
    const YamlNode node = map(*entry, "{minimum: \"7.0\", below: \"8.0\"}");
    refuse_unknown(node, {"minimum", "below"});
    range.minimum = bound(node, "minimum", range.minimum);
    range.below = bound(node, "below", {range.minimum.major + 1, 0});
    if (range.minimum < range.below) return range;
    refuse(entry->value.place, "no version of the SDK is in the range", "minimum below \"below\"",
           "from " + range.minimum.text() + ", below " + range.below.text(),
           "exchange the two, or raise \"below\"");
    return range;
  }

  const YamlNode& root_;
  ProblemList& problems_;
};

}  // namespace

ProjectDescription read_project(const std::filesystem::path& folder) {
  const std::filesystem::path file = folder / kProjectFile;
  std::string why;
  const std::optional<std::string> content = read_regular_file(file, why);
  if (!content) {
    throw Error({"the project does not say who made it, and under which licence", file.string(),
                 kShape, why, "write the file: pressroom plugin new shows what it looks like"});
  }
  if (content->size() > kMostDescriptionBytes) {
    throw Error({"the file is too large for a description", file.string(),
                 "at most " + std::to_string(kMostDescriptionBytes) + " bytes",
                 std::to_string(content->size()), "check that it is the right file"});
  }
  ProblemList problems;
  YamlNode root;
  // Of nothing but comments the reader of YAML would say that it is no campaign.
  const bool is_empty = content->find_first_not_of(" \t\r\n") == std::string::npos;
  if (!is_empty) root = parse_yaml(YamlText(*content, file.string(), 0), problems);
  if (root.kind != YamlKind::kMap) {
    throw Error({"the project's description is no mapping", file.string(), kShape,
                 is_empty ? "nothing" : describe(root), "write KEY: VALUE lines"});
  }
  ProjectDescription project = DescriptionReader(root, problems).read();
  problems.throw_if_any();
  return project;
}

}  // namespace pressroom
