#include <algorithm>
#include <filesystem>
#include <map>

#include "pressroom/data_files.h"
#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {

namespace fs = std::filesystem;

const DataLayout kLayout = {"PG-19: a folder of books named <number>.txt",
                            {".txt"},
                            "datasets/readers/pg19/README.md says how to get the books"};

bool is_number(const std::string& word) {
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
}

// The book's number: "10146" of 10146.txt and of 10146.txt.gz.
std::string book_number(const std::string& name) { return name.substr(0, name.find('.')); }

// One row of comma-separated values (RFC 4180), taken from `at` on; past the end of the row then.
std::vector<std::string> csv_row(const std::string& text, std::size_t& at) {
  std::vector<std::string> cells(1);
  for (bool quoted = false; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      // A quote that closes and opens again at once stands for itself.
      if (!quoted && at > 0 && text[at - 1] == '"') cells.back() += '"';
      quoted = !quoted;
    } else if (!quoted && c == '\n') {
      ++at;
      break;
    } else if (!quoted && c == ',') {
      cells.emplace_back();
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  return cells;
}

// "TITLE, DATE, LINK" of each book by number. metadata.csv has these columns behind the number, and
// no heading; one that has is fine.
std::map<std::string, std::string> read_metadata(const fs::path& file) {
  const std::string text = DataFile(file).rest();
  std::map<std::string, std::string> books;
  for (std::size_t at = 0; at < text.size();) {
    const std::vector<std::string> cells = csv_row(text, at);
    if (!is_number(cells.front())) continue;
    std::string& book = books[cells.front()];
    for (std::size_t i = 1; i < cells.size(); ++i) book += (i > 1 ? ", " : "") + cells[i];
  }
  if (!books.empty()) return books;
  throw Error({"this is not PG-19's metadata", file.string(),
               "rows of book number, title, date and link, separated by commas",
               "no row that begins with a number",
               "give metadata.csv of the set, or leave it out"});
}

// The test, validation or train folder of PG-19: one book a file.
class Pg19 final : public DatasetReader {
 public:
  PluginInfo describe() const override {
    ParameterSpec metadata = required("metadata", ParameterType::kPath);
    metadata.default_value = std::string();
    return {"PG-19, books published before 1919: one document per book",
            "Rae et al., ICLR 2020, arXiv:1911.05507",
            {required("path", ParameterType::kPath)
                 .help("the directory test, validation or train, or one book"),
             metadata.help("metadata.csv of the set: titles and dates go into provenance"),
             max_documents_parameter(), encoding_parameter(), max_document_parameter()}};
  }

  void configure(const Parameters& parameters) override {
    const std::vector<fs::path> books = find_data_files(parameters.string("path"), kLayout);
    for (const fs::path& book : books) check_name(book);
    files_ = DataFiles(books, encoding_of(parameters));
    files_.limit_documents(parameters.integer("max_document_mb"));
    max_documents_ = parameters.integer("max_documents");
    metadata_file_ = parameters.string("metadata");
    if (!metadata_file_.empty()) metadata_ = read_metadata(metadata_file_);
  }

  std::optional<Document> next() override {
    if (max_documents_ > 0 && documents_ == max_documents_) return std::nullopt;
    std::optional<Document> book = files_.next_whole();
    if (!book) return std::nullopt;
    ++documents_;
    if (!metadata_file_.empty()) book->provenance += ", " + metadata_of(book->id);
    return book;
  }

  void rewind() override {
    files_.rewind();
    documents_ = 0;
  }

  std::vector<SourceFile> sources() const override { return files_.sources(); }

 private:
  static void check_name(const fs::path& book) {
    const std::string name = book.filename().string();
    if (is_number(book_number(name))) return;
    throw Error({"this is no book of PG-19", book.string(), kLayout.holds, name,
                 "check the path, or use the reader text for other texts"});
  }

  const std::string& metadata_of(const std::string& name) const {
    const auto found = metadata_.find(book_number(name));
    if (found != metadata_.end()) return found->second;
    throw Error({"the metadata does not know this book", metadata_file_, "a row for " + name,
                 std::to_string(metadata_.size()) + " other books",
                 "give the metadata.csv that came with the books, or leave it out"});
  }

  DataFiles files_;
  std::string metadata_file_;
  std::map<std::string, std::string> metadata_;  // by book number
  std::int64_t max_documents_ = 0;
  std::int64_t documents_ = 0;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Pg19, "pg19", "1.2.0")
