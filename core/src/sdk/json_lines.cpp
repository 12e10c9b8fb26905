#include "pressroom/json_lines.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

// What is wrong with a line, without where it is.
struct BadLine {
  std::string what, expected, got, fix;
};

const char* const kMendLine = "mend the line, or pass such lines over with on_bad_line: skip";

// `text` for a message: its beginning where it is long.
std::string start_of(const std::string& text) {
  constexpr std::size_t kMostBytes = 200;
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// "parse error at column 14: ..." of "[json.exception.parse_error.101] parse error at line 1, ...".
std::string reason_of(const Json::exception& error) {
  std::string text = error.what();
  text.erase(0, text.find("] ") + 2);
  const std::string line = "line 1, ";
  const std::size_t at = text.find(line);
  if (at != std::string::npos) text.erase(at, line.size());
  // The last token that was read can be the rest of the file.
  const std::string lead = "last read: '";
  const std::size_t token = text.find(lead);
  if (token == std::string::npos) return text;
  const std::size_t begin = token + lead.size();
  const std::size_t end = std::max(begin, std::min(text.rfind("'; expected "), text.rfind('\'')));
  return text.substr(0, begin) + start_of(text.substr(begin, end - begin)) +
         start_of(text.substr(end));
}

Json parsed(const std::string& line) {
  try {
    const std::size_t end = line.find_last_not_of("\r\n") + 1;
    Json record = Json::parse(line.begin(), line.begin() + static_cast<long>(end));
    if (record.is_object()) return record;
    throw BadLine{"the line is no record", "a JSON object",
                  std::string("a JSON ") + record.type_name(),
                  "a file that is one JSON array becomes JSON lines with jq -c '.[]' FILE"};
  } catch (const Json::exception& error) {
    throw BadLine{"the line is not JSON", "a JSON object in UTF-8 on each line", reason_of(error),
                  kMendLine};
  }
}

const Json& member(const Json& record, const std::string& field) {
  const auto found = record.find(field);
  if (found != record.end()) return *found;
  std::string names;
  std::vector<std::string> fields;
  for (const auto& item : record.items()) {
    names += (names.empty() ? "" : ", ") + item.key();
    fields.push_back(item.key());
  }
  const std::string close = closest_match(field, fields);
  throw BadLine{"the record has no field \"" + field + "\"", field,
                names.empty() ? "no fields" : "the fields " + start_of(names),
                close.empty() ? "name one of those" : "did you mean \"" + close + "\"?"};
}

// Text, or a whole number where `numbers` says so.
std::string value_of(const Json& record, const std::string& field, bool numbers) {
  const Json& value = member(record, field);
  if (value.is_string()) return value.get<std::string>();
  if (numbers && value.is_number_integer()) return value.dump();
  throw BadLine{"the field \"" + field + "\" cannot be used",
                numbers ? "a string or a whole number" : "a string", value.type_name(), kMendLine};
}

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

ParameterSpec bad_line_parameter() {
  return string("on_bad_line", "fail")
      .one_of({"fail", "skip"})
      .help("a line that is no such record: stop there, or pass it over and count it");
}

bool skips_bad_lines(const Parameters& parameters) {
  return parameters.string("on_bad_line") == "skip";
}

JsonLines::JsonLines(std::vector<std::filesystem::path> files, JsonLinesOptions options)
    : files_(std::move(files), Encoding::kUnchecked), options_(std::move(options)) {}

std::optional<Document> JsonLines::next() {
  if (options_.max_documents > 0 && documents_ == options_.max_documents) return std::nullopt;
  while (files_.current() != nullptr || files_.open_next() != nullptr) {
    std::optional<Document> document = next_of_file(*files_.current());
    if (document) {
      ++documents_;
      return document;
    }
    check_file_gave_documents();
    if (files_.open_next() == nullptr) break;
  }
  return std::nullopt;
}

std::optional<Document> JsonLines::next_of_file(DataFile& file) {
  while (const std::optional<std::string> line = file.line()) {
    if (is_blank(*line)) continue;
    try {
      Document document = parse(*line);
      check_id_is_new(document);
      if (files_.skipped() > 0) {
        document.provenance += ", " + std::to_string(files_.skipped()) + " bad lines before it";
      }
      files_.count_document();
      return document;
    } catch (const BadLine& bad) {
      if (!options_.skip_bad_lines) {
        throw Error({bad.what, file.where(), bad.expected, bad.got, bad.fix});
      }
      if (files_.skipped() == 0) first_skipped_ = file.where() + ": " + bad.what;
      files_.count_skipped();
    }
  }
  return std::nullopt;
}

Document JsonLines::parse(const std::string& line) const {
  const DataFile& file = *files_.current();
  const Json record = parsed(line);
  Document document;
  document.text = value_of(record, options_.field, false);
  document.id = options_.id_field.empty() ? file.name() + "#" + std::to_string(file.line_number())
                                          : value_of(record, options_.id_field, true);
  document.provenance = file.where() + ", " + std::to_string(document.text.size()) + " bytes";
  for (const std::string& note : options_.notes) {
    const auto found = record.find(note);
    if (found == record.end() || found->is_null()) continue;
    document.provenance +=
        ", " + note + " " + (found->is_string() ? found->get<std::string>() : found->dump());
  }
  return document;
}

void JsonLines::check_id_is_new(const Document& document) {
  if (options_.id_field.empty() || ids_.insert(document.id).second) return;
  throw Error({"two records have one id", where(), "a " + options_.id_field + " that is unique",
               start_of(document.id),
               "leave id_field out: ids are then file names and line numbers"});
}

void JsonLines::check_file_gave_documents() const {
  if (files_.skipped() == 0 || files_.documents() > 0) return;
  throw Error({"no line of the file can be used", files_.current()->path().string(),
               "some records with the field \"" + options_.field + "\"",
               std::to_string(files_.skipped()) + " bad lines, the first at " + first_skipped_,
               "check the file and the field"});
}

void JsonLines::rewind() {
  files_.rewind();
  ids_.clear();
  documents_ = 0;
}

}  // namespace pressroom
