// The text of a YAML file before it is parsed, where a piece of it was written, and the list of
// everything that is wrong with it.
//
//   const YamlText text = YamlText::read("configs/quickstart.yaml");
//   const YamlPlace place = text.place(text.content().find("seeds"));
//   place.text();                                     // "configs/quickstart.yaml:12:1"
//   problems.add(place, "seeds is not a list", "integers", "1k", "");
//   problems.throw_if_any();  // one Error, sorted: the file from top to bottom, then the flags
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// Where a piece of a config was written.
struct YamlPlace {
  std::string origin;  // the file as the user named it, or the words of the command line
  int source = 0;      // 0: the file; 1, 2, ...: the overrides in their order; -1: a default
  int line = 0;        // from 1; 0: the file as a whole
  int column = 0;      // from 1, in characters (not bytes)

  // "configs/a.yaml:7:3", "configs/a.yaml", or "--set seeds=1" for a flag.
  std::string text() const;
};

// File before flags, flags in their order, then by line and column.
bool operator<(const YamlPlace& a, const YamlPlace& b);

// Collects problems, so that a user sees all of them at once.
class ProblemList {
 public:
  // The parts are those of `Problem`; `place` becomes its `where`. Beyond the first hundred
  // problems are only counted: nobody fixes more at once.
  void add(const YamlPlace& place, std::string what, std::string expected, std::string got,
           std::string fix);
  bool empty() const { return problems_.empty(); }
  // Throws an Error with all problems, sorted by place, when there are any; those that were only
  // counted are one more at the end.
  void throw_if_any() const;

 private:
  std::vector<std::pair<YamlPlace, Problem>> problems_;
  std::size_t counted_ = 0;  // beyond those
};

// Read whole, checked byte by byte, and able to say on which line and in which column an offset
// lies.
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
