#include "pressroom/json_lines.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

#include "base/file_kinds.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::json;

// A line of JSON as a record: the few members that a document is made of, the names of all, and
// nothing else in memory. A line of a million small values would take far more than its own bytes.
struct JsonMember {
  std::string type;    // "string", "number", "boolean", "null", "array" or "object"
  std::string text;    // of a string; of a number and a truth value, as it is written in JSON
  bool whole = false;  // a number without a point and an exponent
};

struct JsonRecord {
  std::string error;  // why the line is no JSON; the rest says nothing then
  std::string type;   // of the whole line
  std::set<std::string> names;
  std::map<std::string, JsonMember> members;  // those wanted, of an object; the last of one name
};

// Told of every token of a line in order. Only the outermost object's members are looked at.
class RecordReader final : public nlohmann::json_sax<Json> {
 public:
  RecordReader(JsonRecord& record, const std::set<std::string>& wanted)
      : record_(record), wanted_(wanted) {}

  bool null() override { return value({"null", "null"}); }
  bool boolean(bool is) override { return value({"boolean", is ? "true" : "false"}); }
  bool number_integer(std::int64_t number) override {
    return value({"number", std::to_string(number), true});
  }
  bool number_unsigned(std::uint64_t number) override {
    return value({"number", std::to_string(number), true});
  }
  // Whole numbers beyond 64 bits come here, too; `written` has all their digits.
  bool number_float(double, const std::string& written) override {
    return value({"number", written, written.find_first_of(".eE") == std::string::npos});
  }
  bool string(std::string& text) override {
    return value({"string", is_wanted() ? std::move(text) : std::string()});
  }
  bool binary(Json::binary_t&) override { return false; }  // JSON has none
  bool key(std::string& name) override {
    if (depth_ == 1) {
      name_ = std::move(name);
      record_.names.insert(name_);
    }
    return true;
  }
  bool start_object(std::size_t) override { return start("object"); }
  bool start_array(std::size_t) override { return start("array"); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }
  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    record_.error = error.what();
    return false;
  }

 private:
  bool is_wanted() const { return depth_ == 1 && wanted_.count(name_) > 0; }
  bool value(JsonMember member) {
    if (depth_ == 0) record_.type = member.type;
    if (is_wanted()) record_.members[name_] = std::move(member);
    return true;
  }
  bool start(const char* type) {
    value({type, ""});
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }

  JsonRecord& record_;
  const std::set<std::string>& wanted_;
  int depth_ = 0;
  std::string name_;  // of the member at hand
};

JsonRecord read_json_record(std::string_view line, const std::set<std::string>& wanted) {
  JsonRecord record;
  RecordReader reader(record, wanted);
  Json::sax_parse(line.begin(), line.end(), &reader);
  return record;
}

// What is wrong with a line, without where it is.
struct BadLine {
  std::string what, expected, got, fix;
};

const char* const kFixLine = "fix the line, or pass such lines over with on_bad_line: skip";

// `text` for a message: its beginning where it is long.
std::string start_of(const std::string& text) {
  constexpr std::size_t kMostBytes = 200;
  if (text.size() <= kMostBytes) return text;
  std::size_t end = kMostBytes;
  // Not inside a character of UTF-8.
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

// "parse error at column 14: ..." of "[json.exception.parse_error.101] parse error at line 1, ...".
std::string reason_of(std::string text) {
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

JsonRecord parsed(const std::string& line, const std::set<std::string>& wanted) {
  const std::size_t end = line.find_last_not_of("\r\n") + 1;
  JsonRecord record = read_json_record(std::string_view(line).substr(0, end), wanted);
  if (!record.error.empty()) {
    const std::string encoding = wide_encoding(line);
    throw BadLine{"the line is not JSON", "a JSON object in UTF-8 on each line",
                  reason_of(record.error),
                  encoding.empty() ? kFixLine
                                   : "it looks like " + encoding + "; convert the file: iconv -f " +
                                         encoding + " -t UTF-8"};
  }
  if (record.type == "object") return record;
  throw BadLine{"the line is no record", "a JSON object", "a JSON " + record.type,
                "a file that is one JSON array becomes JSON lines with jq -c '.[]' FILE"};
}

const JsonMember& member(const JsonRecord& record, const std::string& field) {
  const auto found = record.members.find(field);
  if (found != record.members.end()) return found->second;
  std::string names;
  for (const std::string& name : record.names) names += (names.empty() ? "" : ", ") + name;
  const std::string close =
      closest_match(field, std::vector<std::string>(record.names.begin(), record.names.end()));
  throw BadLine{"the record has no field \"" + field + "\"", field,
                names.empty() ? "no fields" : "the fields " + start_of(names),
                close.empty() ? "name one of those" : "did you mean \"" + close + "\"?"};
}

// Text, or a whole number where `numbers` says so.
const std::string& value_of(const JsonRecord& record, const std::string& field, bool numbers) {
  const JsonMember& value = member(record, field);
  if (value.type == "string" || (numbers && value.whole)) return value.text;
  throw BadLine{"the field \"" + field + "\" cannot be used",
                numbers ? "a string or a whole number" : "a string", value.type, kFixLine};
}

bool is_blank(const std::string& line) {
  return line.find_first_not_of(" \t\r\n") == std::string::npos;
}

}  // namespace

ParameterSpec bad_line_parameter() {
  return string("on_bad_line", "fail",
                "a line that is no such record: stop there, or pass it over and count it")
      .one_of({"fail", "skip"});
}

JsonLines::JsonLines(std::vector<std::filesystem::path> files, JsonLinesOptions options)
    : files_(std::move(files), Encoding::kUnchecked), options_(std::move(options)) {
  files_.limit_documents(options_.max_document_mb);
}

std::optional<Document> JsonLines::next() {
  if (options_.max_documents > 0 && documents_ == options_.max_documents) {
    // What was read counts only where the checksum of its file says so, and that is at the end.
    if (files_.current() != nullptr) files_.current()->check_rest();
    return std::nullopt;
  }
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
      // No bad line: on_bad_line: skip must not choose between two records of one id.
      check_id_is_new(document);
      if (files_.skipped() > 0) {
        document.provenance += ", " + std::to_string(files_.skipped()) + " bad lines before it";
      }
      files_.count_document();
      return document;
    } catch (const BadLine& bad) {
      if (!options_.skip_bad_lines) {
        file.check_rest();  // a damaged file makes bad lines, before its checksum says so
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
  std::set<std::string> wanted(options_.notes.begin(), options_.notes.end());
  wanted.insert({options_.field, options_.id_field});
  const JsonRecord record = parsed(line, wanted);
  Document document;
  document.text = value_of(record, options_.field, false);
  document.id = options_.id_field.empty() ? file.name() + "#" + std::to_string(file.line_number())
                                          : value_of(record, options_.id_field, true);
  document.provenance = file.where() + ", " + std::to_string(document.text.size()) + " bytes";
  for (const std::string& note : options_.notes) {
    const auto found = record.members.find(note);
    if (found == record.members.end()) continue;
    const JsonMember& value = found->second;
    if (value.type == "null" || value.type == "array" || value.type == "object") continue;
    document.provenance += ", " + note + " " + value.text;
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
