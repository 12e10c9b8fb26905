#include "rows.h"

namespace pressroom {
namespace {

JsonLinesOptions with_limit(std::int64_t max_document_mb) {
  JsonLinesOptions options;
  options.max_document_mb = max_document_mb;
  return options;
}

}  // namespace

bool Row::blank() const { return line.find_first_not_of(" \t\r\n") == std::string::npos; }

bool Row::has_rare_word() const { return line.find(" <unk> ") != std::string::npos; }

std::string Row::on_the_hub() const {
  if (blank()) return "";
  const std::size_t end = line.find_last_not_of("\r\n") + 1;
  return end == line.size() ? line : line.substr(0, end) + "\n";
}

std::string Row::title() const {
  const std::string text = line.substr(0, line.find_last_not_of("\r\n") + 1);
  if (text.size() < 7 || text.compare(0, 3, " = ") != 0) return "";
  if (text.compare(text.size() - 3, 3, " = ") != 0) return "";
  const std::string title = text.substr(3, text.size() - 6);
  return title.front() == '=' || title.back() == '=' ? "" : title;
}

Rows::Rows(const std::filesystem::path& file, Encoding encoding, std::int64_t max_document_mb)
    : is_json_(file.filename().string().find(".jsonl") != std::string::npos),
      lines_({file}, encoding),
      records_({file}, with_limit(max_document_mb)) {
  lines_.limit_documents(max_document_mb);
}

std::optional<Row> Rows::next() {
  if (is_json_) {
    const std::optional<Document> record = records_.next();
    if (!record) return std::nullopt;
    return Row{record->text.empty() ? " \n" : record->text, records_.where()};
  }
  if (lines_.current() == nullptr) lines_.open_next();
  std::optional<std::string> line = lines_.current()->line();
  if (!line) return std::nullopt;
  return Row{std::move(*line), lines_.current()->where()};
}

void Rows::rewind() {
  lines_.rewind();
  records_.rewind();
}

std::vector<SourceFile> Rows::sources(std::int64_t documents) const {
  std::vector<SourceFile> sources = is_json_ ? records_.sources() : lines_.sources();
  for (SourceFile& source : sources) source.documents = documents;
  return sources;
}

}  // namespace pressroom
