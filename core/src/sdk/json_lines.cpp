#include "pressroom/json_lines.h"

#include "pressroom/error.h"
#include "sdk/json_record.h"
#include "sdk/json_tasks.h"

namespace pressroom {
namespace {

// Text, or a whole number where `numbers` says so.
const std::string& value_of(const JsonRecord& record, const std::string& field, bool numbers) {
  const JsonValue* const value = record.values.find(field);
  if (value == nullptr) refuse_missing(field, record.names);
  if (value->type == std::string("string") || (numbers && value->whole)) return value->text;
  throw BadLine{"the field \"" + field + "\" cannot be used",
                numbers ? "a string or a whole number" : "a string", value->type, kFixLine};
}

bool is_blank_line(const std::string& line) {
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

template <typename Record>
std::optional<Record> JsonLines::next_of(Record (JsonLines::*parse)(const std::string&) const) {
  if (options_.max_documents > 0 && documents_ == options_.max_documents) {
    // What was read counts only where the checksum of its file says so, and that is at the end.
    if (files_.current() != nullptr) files_.current()->check_rest();
    return std::nullopt;
  }
  while (files_.current() != nullptr || files_.open_next() != nullptr) {
    std::optional<Record> record = next_of_file(*files_.current(), parse);
    if (record) {
      ++documents_;
      return record;
    }
    check_file_gave_documents();
    bad_lines_ = 0;
    if (files_.open_next() == nullptr) break;
  }
  return std::nullopt;
}

std::optional<Document> JsonLines::next() { return next_of(&JsonLines::text_of_line); }

std::optional<TaskRecord> JsonLines::next_task() { return next_of(&JsonLines::task_of_line); }

void JsonLines::leave_out() {
  --documents_;
  files_.leave_out_document();
}

template <typename Record>
std::optional<Record> JsonLines::next_of_file(DataFile& file,
                                              Record (JsonLines::*parse)(const std::string&)
                                                  const) {
  while (const std::optional<std::string> line = file.line()) {
    if (is_blank_line(*line)) continue;
    try {
      Record record = (this->*parse)(*line);
      // No bad line: on_bad_line: skip must not choose between two records of one id.
      check_id_is_new(record.id);
      if (bad_lines_ > 0) {
        record.provenance += ", " + std::to_string(bad_lines_) + " bad lines before it";
      }
      files_.count_document();
      return record;
    } catch (const BadLine& bad) {
      if (!options_.skip_bad_lines) {
        file.check_rest();  // a damaged file makes bad lines, before its checksum says so
        throw Error({bad.what, file.where(), bad.expected, bad.got, bad.fix});
      }
      if (bad_lines_++ == 0) first_bad_line_ = file.where() + ": " + bad.what;
      files_.count_skipped();
    }
  }
  return std::nullopt;
}

std::string JsonLines::id_of(const JsonRecord& record) const {
  const DataFile& file = *files_.current();
  return options_.id_field.empty() ? file.name() + "#" + std::to_string(file.line_number())
                                   : value_of(record, options_.id_field, true);
}

Document JsonLines::text_of_line(const std::string& line) const {
  std::set<std::string> wanted(options_.notes.begin(), options_.notes.end());
  wanted.insert({options_.field, options_.id_field});
  const JsonRecord record = read_json_record(line, wanted);
  Document document;
  document.text = value_of(record, options_.field, false);
  document.id = id_of(record);
  document.provenance = where() + ", " + std::to_string(document.text.size()) + " bytes";
  for (const std::string& note : options_.notes) {
    const JsonValue* const value = record.values.find(note);
    if (value == nullptr) continue;
    const std::string type = value->type;
    if (type == "null" || type == "array" || type == "object") continue;
    document.provenance += ", " + note + " " + value->text;
  }
  return document;
}

TaskRecord JsonLines::task_of_line(const std::string& line) const {
  std::set<std::string> wanted = wanted_members(options_.task);
  wanted.insert(options_.id_field);
  const JsonRecord record = read_json_record(line, wanted);
  TaskRecord task = task_of(record, options_.task);
  task.id = id_of(record);
  task.provenance = where();
  return task;
}

void JsonLines::check_id_is_new(const std::string& id) {
  if (options_.id_field.empty() || ids_.insert(id).second) return;
  throw Error({"two records have one id", where(),
               "a value of \"" + options_.id_field + "\" that no other record has", start_of(id),
               "leave id_field out: ids are then file names and line numbers"});
}

void JsonLines::check_file_gave_documents() const {
  if (bad_lines_ == 0 || files_.documents() > 0) return;
  const std::string field = options_.task.asks() ? options_.task.answers : options_.field;
  throw Error({"no line of the file can be used", files_.current()->path().string(),
               "some records with the field \"" + field + "\"",
               std::to_string(bad_lines_) + " bad lines, the first at " + first_bad_line_,
               "check the file and the field"});
}

void JsonLines::rewind() {
  files_.rewind();
  ids_.clear();
  documents_ = 0;
  bad_lines_ = 0;
}

}  // namespace pressroom
