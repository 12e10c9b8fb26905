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

void check_name(const fs::path& book) {
  const std::string name = book.filename().string();
  if (is_number(book_number(name))) return;
  throw Error({"this is no book of PG-19", book.string(), kLayout.holds, name,
               "check the path, or use the reader text for other texts"});
}

// The test, validation or train folder of PG-19: one book a file.
struct Pg19 final : Declared<Pg19, DatasetReader> {
  std::string path, metadata;
  std::int64_t max_documents = 0, max_document_mb = 0;
  Encoding encoding = Encoding::kUtf8;
  DataFiles files;
  std::map<std::string, std::string> known_books;  // what `metadata` says, by book number
  std::int64_t documents = 0;                      // given since the last rewind

  static Declaration<Pg19> declare() {
    return Declaration<Pg19>("PG-19, books published before 1919: one document per book")
        .paper("Rae et al., ICLR 2020, arXiv:1911.05507")
        .parameter(&Pg19::path, required("path", ParameterType::kPath,
                                         "the directory test, validation or train, or one book"))
        .parameter(&Pg19::metadata,
                   optional_path("metadata",
                                 "metadata.csv of the set: titles and dates go into provenance"))
        .parameter(&Pg19::max_documents, max_documents_parameter())
        .parameter(&Pg19::encoding, encoding_parameter())
        .parameter(&Pg19::max_document_mb, max_document_parameter());
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    const std::vector<fs::path> books = find_data_files(path, kLayout);
    for (const fs::path& book : books) check_name(book);
    files = DataFiles(books, encoding);
    files.limit_documents(max_document_mb);
    if (!metadata.empty()) known_books = read_metadata(metadata);
  }

  std::optional<Document> next() override {
    if (max_documents > 0 && documents == max_documents) return std::nullopt;
    std::optional<Document> book = files.next_whole();
    if (!book) return std::nullopt;
    ++documents;
    if (!metadata.empty()) book->provenance += ", " + metadata_of(book->id);
    return book;
  }

  void rewind() override {
    files.rewind();
    documents = 0;
  }

  std::vector<SourceFile> sources() const override { return files.sources(); }

  const std::string& metadata_of(const std::string& name) const {
    const auto found = known_books.find(book_number(name));
    if (found != known_books.end()) return found->second;
    throw Error({"the metadata does not know this book", metadata, "a row for " + name,
                 std::to_string(known_books.size()) + " other books",
                 "give the metadata.csv that came with the books, or leave it out"});
  }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Pg19, "pg19", "1.2.0")
