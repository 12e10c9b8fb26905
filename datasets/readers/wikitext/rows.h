// The lines that WikiText is made of, from the original files or from rows of the hub.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/json_lines.h"

namespace pressroom {

// A line of the original file, with its end.
struct Row {
  std::string line;
  std::string where;  // "FILE:LINE"

  bool blank() const;
  // Of the tokenised form: a rare word is written <unk>.
  bool has_rare_word() const;
  // As the hub stores it: "" for a blank line, and "\n" at the end of others.
  std::string on_the_hub() const;
  // Of " = Title = ", with exactly one "=" on each side; else "". " = = Part = = " is a heading
  // inside an article.
  std::string title() const;
};

// The rows of one file: lines of text, or JSON lines with a row in each `text`.
class Rows {
 public:
  Rows() = default;
  Rows(const std::filesystem::path& file, Encoding encoding, std::int64_t max_document_mb);

  std::optional<Row> next();
  void rewind();
  // The file, as what `documents` documents came from.
  std::vector<SourceFile> sources(std::int64_t documents) const;

 private:
  bool is_json_ = false;
  DataFiles lines_;
  JsonLines records_;
};

}  // namespace pressroom
