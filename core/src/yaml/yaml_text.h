// The text of a YAML file before it is parsed: read whole, checked byte by byte, and able to say
// on which line and in which column an offset lies.
//
//   const YamlText text = YamlText::read("configs/quickstart.yaml");
//   text.place(text.content().find("seeds")).text();  // "configs/quickstart.yaml:12:1"
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "yaml/yaml_place.h"

namespace pressroom {

class YamlText {
 public:
  // Reads `file`. Error when it is missing, a folder, unreadable or far too large for a config.
  static YamlText read(const std::filesystem::path& file);

  // `content` as it stands. A UTF-8 byte order mark is dropped and CRLF becomes LF; Error when what
  // remains is not UTF-8 or holds control characters. `origin` and `source` are those of YamlPlace.
  YamlText(const std::string& content, std::string origin, int source);

  const std::string& content() const { return content_; }
  // The place of the byte at `offset` of content(). Takes no longer for a long line where it is
  // asked from left to right.
  YamlPlace place(std::size_t offset) const;
  // The offset of a line and a column counted in bytes, both from 0, as yaml-cpp counts them.
  std::size_t offset(int line, int byte_column) const;
  // The whole file, without a line.
  YamlPlace whole() const;

 private:
  void check_characters() const;

  std::string content_;
  std::string origin_;
  int source_ = 0;
  std::vector<std::size_t> line_starts_;
  // The last offset that was asked for, and its column: the next one is mostly a little further on
  // in the same line, which may be the whole file.
  mutable std::size_t last_offset_ = 0;
  mutable int last_column_ = 1;
};

}  // namespace pressroom
