#include "plugin/plugin_reference.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {
namespace {

std::vector<std::string_view> parts_of_version(std::string_view version) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t dot = version.find('.');
    parts.push_back(version.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    version.remove_prefix(dot + 1);
  }
}

bool is_digits(std::string_view part) {
  return !part.empty() &&
         std::all_of(part.begin(), part.end(), [](char c) { return '0' <= c && c <= '9'; });
}

bool is_version_part(std::string_view part) {
  const auto is_allowed = [](char c) {
    return ('0' <= c && c <= '9') || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || c == '-' ||
           c == '_' || c == '+';
  };
  return !part.empty() && std::all_of(part.begin(), part.end(), is_allowed);
}

// Below, at or above 0, as one part is older than the other, equal or newer. Numbers may be longer
// than any integer: without zeros in front the longer one is the larger.
int compare_parts(std::string_view a, std::string_view b) {
  const bool is_number = is_digits(a);
  if (is_number != is_digits(b)) return is_number ? 1 : -1;
  if (!is_number) return a.compare(b);
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

}  // namespace

PluginReference parse_plugin_reference(const std::string& text) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) return {text, ""};
  PluginReference reference{text.substr(0, at), text.substr(at + 1)};
  const std::vector<std::string_view> parts = parts_of_version(reference.version);
  if (!reference.name.empty() && std::all_of(parts.begin(), parts.end(), is_version_part)) {
    return reference;
  }
  throw Error({"this names no version of a plugin", "", "NAME or NAME@VERSION, as in my_press@1.2",
               '"' + text + '"', "pressroom list says which plugins and versions there are"});
}

std::string reference_text(const PluginReference& reference) {
  return reference.version.empty() ? reference.name : reference.name + '@' + reference.version;
}

std::string plain_name(const std::string& reference) {
  return reference.substr(0, reference.find('@'));
}

bool version_begins_with(const std::string& version, const std::string& beginning) {
  const std::vector<std::string_view> parts = parts_of_version(version);
  const std::vector<std::string_view> first = parts_of_version(beginning);
  return first.size() <= parts.size() && std::equal(first.begin(), first.end(), parts.begin());
}

bool is_older_version(const std::string& version, const std::string& other) {
  const std::vector<std::string_view> a = parts_of_version(version);
  const std::vector<std::string_view> b = parts_of_version(other);
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    const int order = compare_parts(a[i], b[i]);
    if (order != 0) return order < 0;
  }
  return a.size() < b.size();
}

}  // namespace pressroom
