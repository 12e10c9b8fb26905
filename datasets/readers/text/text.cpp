#include "pressroom/data_files.h"
#include "pressroom/plugin.h"

namespace pressroom {

const DataLayout kLayout = {"plain text: a file, or a folder with one document a file",
                            {".txt"},
                            "the quickstart's text comes from scripts/setup"};

// Plain text: one document a file. A folder is read in bytewise order of file names.
struct Text final : Declared<Text, DatasetReader> {
  std::string path;
  Encoding encoding = Encoding::kUtf8;
  std::int64_t max_document_mb = 0;
  DataFiles files;

  static Declaration<Text> declare() {
    return Declaration<Text>(
               "plain text files: a file, or a directory with one document per .txt file")
        .parameter(&Text::path,
                   required("path", ParameterType::kPath, "a text file, or a directory of .txt"))
        .parameter(&Text::encoding, encoding_parameter())
        .parameter(&Text::max_document_mb, max_document_parameter());
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    files = DataFiles(find_data_files(path, kLayout), encoding);
    files.limit_documents(max_document_mb);
  }

  std::optional<Document> next() override { return files.next_whole(); }
  void rewind() override { files.rewind(); }
  std::vector<SourceFile> sources() const override { return files.sources(); }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Text, "text", "1.3.0")
