// The files of a dataset: finding them, and reading one after the other with account of each.
//
//   const DataLayout kBooks{"PG-19: one book a file", {".txt"}, "get it with ..."};
//   files_ = DataFiles(find_data_files(parameters.string("path"), kBooks));
//
//   while (DataFile* file = files_.open_next()) { ... files_.count_document(); }
//   files_.sources();  // what DatasetReader::sources has to return
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/data_file.h"
#include "pressroom/dataset.h"

namespace pressroom {

// What a dataset looks like on disk. Messages are made of it.
struct DataLayout {
  std::string holds;                 // "PG-19: one book a file"
  std::vector<std::string> endings;  // {".txt"}; each also with .gz, .zst, .xz or .bz2 behind it
  std::string get;                   // where the set comes from, as a clause: "get it with ..."
};

// `path` itself where it is a file, whatever its name; of a folder all files with one of the
// endings, in bytewise order of their names without compression, without its subfolders and without
// hidden files.
//
// Throws Error when there is nothing of that name, and when a folder has no such file: the message
// says what is there instead, which subfolder would do, and where to get the set. Files that no
// reader can use (Parquet, zip, tar) are an Error too, with the command that converts them; so are
// a pipe and a device, which could be read once only, and a folder with one file twice, as a.txt
// and a.txt.gz: their documents would have the same ids.
std::vector<std::filesystem::path> find_data_files(const std::filesystem::path& path,
                                                   const DataLayout& layout);

// The parameter `max_documents` (0, the default: all), for sets that nobody reads to their end.
ParameterSpec max_documents_parameter();

// Reads files in order and keeps account of them. Can be moved, not copied.
class DataFiles {
 public:
  DataFiles() = default;
  explicit DataFiles(std::vector<std::filesystem::path> files, Encoding encoding = Encoding::kUtf8);

  // Sets the most MB of a line or document (kMaxDocumentMb else), for the files opened from now on.
  void limit_documents(std::int64_t mb) { max_document_mb_ = mb; }

  // Opens the next file; null after the last. Valid until the next call, `rewind`, or a move.
  DataFile* open_next();
  // The file opened last, which is null before the first and after the last.
  DataFile* current() const { return current_.get(); }

  // The whole of the next file as one document - id: its document_name - which is counted. Nothing
  // after the last file. Throws Error for an empty one.
  std::optional<Document> next_whole();

  // Says that the current file has given one more document.
  void count_document() { ++opened_.back().documents; }
  // Says that a record of the current file was passed over.
  void count_skipped() { ++opened_.back().skipped; }
  // Says that the document counted last is not used, and counts as skipped.
  void leave_out_document() {
    --opened_.back().documents;
    ++opened_.back().skipped;
  }
  // What was counted of the current file.
  std::int64_t documents() const { return opened_.back().documents; }
  std::int64_t skipped() const { return opened_.back().skipped; }

  // Starts over, with all counts.
  void rewind();

  // The files opened since the last `rewind`, each with its bytes, SHA-256 and documents. A file is
  // hashed when first asked for, and once.
  std::vector<SourceFile> sources() const;

 private:
  std::vector<std::filesystem::path> files_;
  Encoding encoding_ = Encoding::kUtf8;
  std::int64_t max_document_mb_ = kMaxDocumentMb;
  std::unique_ptr<DataFile> current_;
  struct Counts {
    std::int64_t documents = 0;
    std::int64_t skipped = 0;
  };
  std::vector<Counts> opened_;  // of each file opened so far
  mutable std::map<std::string, SourceFile> hashed_;
};

}  // namespace pressroom
