// Documents in JSON lines: one JSON object a line, one of its fields the text.
//
//   JsonLinesOptions options;
//   options.field = "report";
//   JsonLines records(find_data_files(path, kGovReport), options);
//   while (std::optional<Document> document = records.next()) ...
//
// Files are read as DataFile reads them: compressed or not, a line at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "pressroom/data_files.h"
#include "pressroom/task_record.h"

namespace pressroom {

struct JsonRecord;

struct JsonLinesOptions {
  std::string field = "text";  // the field that is a document's text
  std::string id_field;        // a string, or a whole number of any length, in its decimal
                               // digits; "": the id is "FILE#LINE", FILE as document_name has it
  std::vector<std::string> notes;  // fields that go into provenance, where a record has them as a
                                   // string, a number or a truth value
  bool skip_bad_lines = false;     // what to do with a line that cannot be used; see `next`
  std::int64_t max_documents = 0;  // stop after so many; 0: never
  std::int64_t max_document_mb = kMaxDocumentMb;  // the most of a line
  TaskFields task = {};  // for next_task, which reads these in place of `field` and `notes`
};

// The parameter `on_bad_line` (fail, skip; by default fail).
ParameterSpec bad_line_parameter();

class JsonLines {
 public:
  JsonLines() = default;
  JsonLines(std::vector<std::filesystem::path> files, JsonLinesOptions options);

  // The next document, nothing at the end. Lines of white space hold none.
  //
  // A mark U+FEFF before a record is passed over. A bad line is one that is no JSON object in
  // UTF-8, or whose text or id is missing or of another type. It is an Error that names the line
  // and says what is wrong - for a missing field, which there are. With `skip_bad_lines` it is
  // passed over, and the provenance of every later document of the file says how many were; a file
  // of which no line could be used is an Error all the same. Two records with one value of
  // `id_field` are an Error always.
  std::optional<Document> next();

  // The same of records that ask something, by the fields of `task`. A bad line is also one that
  // asks nothing, or whose answers are empty, no option of its choice, or not in its context.
  std::optional<TaskRecord> next_task();

  // Says that the record given last is not used, because the config says so: it counts as skipped,
  // and `max_documents` goes by the others.
  void leave_out();

  // Starts over.
  void rewind();
  std::vector<SourceFile> sources() const { return files_.sources(); }

  // "PATH:LINE" of the document given last; "" where there is none: before the first, and when
  // `next` has given nothing because the files are at their end.
  std::string where() const { return files_.current() != nullptr ? files_.current()->where() : ""; }

 private:
  // Of a Document or a TaskRecord, by the function that makes it from a line.
  template <typename Record>
  std::optional<Record> next_of(Record (JsonLines::*parse)(const std::string& line) const);
  template <typename Record>
  std::optional<Record> next_of_file(DataFile& file,
                                     Record (JsonLines::*parse)(const std::string& line) const);
  Document text_of_line(const std::string& line) const;
  TaskRecord task_of_line(const std::string& line) const;
  std::string id_of(const JsonRecord& record) const;
  void check_id_is_new(const std::string& id);
  void check_file_gave_documents() const;

  DataFiles files_;
  JsonLinesOptions options_;
  std::unordered_set<std::string> ids_;  // those of `id_field` so far
  std::int64_t documents_ = 0;
  std::int64_t bad_lines_ = 0;  // of the current file
  std::string first_bad_line_;  // where, and why
};

}  // namespace pressroom
