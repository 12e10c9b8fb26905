#include "yaml/yaml_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <tuple>

#include "base/utf8.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostProblems = 100;

}  // namespace

std::string YamlPlace::text() const {
  if (source != 0 || line == 0) return origin;
  return origin + ':' + std::to_string(line) + ':' + std::to_string(column);
}

bool operator<(const YamlPlace& a, const YamlPlace& b) {
  return std::tie(a.source, a.line, a.column) < std::tie(b.source, b.line, b.column);
}

void ProblemList::add(const YamlPlace& place, std::string what, std::string expected,
                      std::string got, std::string fix) {
  if (problems_.size() == kMostProblems) {
    ++counted_;
    return;
  }
  Problem problem;
  problem.what = std::move(what);
  problem.where = place.text();
  problem.expected = std::move(expected);
  problem.got = std::move(got);
  problem.fix = std::move(fix);
  problems_.emplace_back(place, std::move(problem));
}

void ProblemList::throw_if_any() const {
  if (problems_.empty()) return;
  auto sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Problem> problems;
  for (auto& [place, problem] : sorted) problems.push_back(std::move(problem));
  if (counted_ > 0) {
    problems.push_back({std::to_string(counted_) + " more mistakes are not listed", "", "", "",
                        "fix these first, or check that the file is a campaign at all"});
  }
  throw Error(std::move(problems));
}

namespace {

constexpr std::size_t kMostBytes = std::size_t{4} << 20;

std::string without_mark_and_returns(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = text.rfind("\xEF\xBB\xBF", 0) == 0 ? 3 : 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    out += text[i];
  }
  return out;
}

std::string hex(char c) {
  std::array<char, 8> buffer;
  std::snprintf(buffer.data(), buffer.size(), "0x%02X",
                static_cast<unsigned>(static_cast<unsigned char>(c)));
  return buffer.data();
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f;
}

}  // namespace

YamlText YamlText::read(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) {
    throw Error(
        {"the config is a folder", name, "a YAML file", "a folder", "name the file inside it"});
  }
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    const bool there = std::filesystem::exists(file, ignored);
    throw Error({"the config cannot be read", name, "a YAML file",
                 there ? "a file that may not be opened" : "no such file",
                 there ? "check its permissions" : "check the path"});
  }
  // One byte more tells a file that is too large, without reading one that has no end.
  std::string content(kMostBytes + 1, '\0');
  in.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(in.gcount()));
  if (content.size() > kMostBytes) {
    throw Error({"the file is too large to be a config", name, "at most 4 MiB of YAML",
                 "more than that", "check the path"});
  }
  return YamlText(content, name, 0);
}

YamlText::YamlText(const std::string& content, std::string origin, int source)
    : content_(without_mark_and_returns(content)), origin_(std::move(origin)), source_(source) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < content_.size(); ++i) {
    if (content_[i] == '\n') line_starts_.push_back(i + 1);
  }
  check_characters();
}

void YamlText::check_characters() const {
  const std::size_t valid = valid_utf8_length(content_);
  // Of the two mistakes, the one that comes first in the file.
  const auto control = std::find_if(content_.begin(), content_.begin() + valid, is_control);
  const auto offset = static_cast<std::size_t>(control - content_.begin());
  if (offset == content_.size()) return;
  const std::string byte = "the byte " + hex(content_[offset]);
  if (offset < valid) {
    throw Error({"a control character", place(offset).text(), "plain text", byte,
                 "remove it, or write it as an escape in double quotes"});
  }
  throw Error({"the config is not UTF-8", place(offset).text(), "UTF-8 text", byte,
               "save the file as UTF-8, or check that it is a config at all"});
}

YamlPlace YamlText::place(std::size_t offset) const {
  offset = std::min(offset, content_.size());
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  const std::size_t start = *(after - 1);
  const auto is_lead = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  YamlPlace place = whole();
  place.line = static_cast<int>(after - line_starts_.begin());
  if (last_offset_ < start || last_offset_ > offset) {
    last_offset_ = start;
    last_column_ = 1;
  }
  last_column_ += static_cast<int>(
      std::count_if(content_.begin() + last_offset_, content_.begin() + offset, is_lead));
  last_offset_ = offset;
  place.column = last_column_;
  return place;
}

std::size_t YamlText::offset(int line, int byte_column) const {
  if (line < 0 || static_cast<std::size_t>(line) >= line_starts_.size()) return content_.size();
  const std::size_t start = line_starts_[static_cast<std::size_t>(line)];
  return std::min(start + static_cast<std::size_t>(std::max(byte_column, 0)), content_.size());
}

YamlPlace YamlText::whole() const {
  YamlPlace place;
  place.origin = origin_;
  place.source = source_;
  return place;
}

}  // namespace pressroom
