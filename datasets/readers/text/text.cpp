#include "pressroom/data_files.h"
#include "pressroom/plugin.h"

namespace pressroom {

const DataLayout kLayout = {"plain text: a file, or a folder with one document a file",
                            {".txt"},
                            "the quickstart's text comes from scripts/setup"};

// Plain text: one document a file. A folder is read in bytewise order of file names.
class Text final : public DatasetReader {
 public:
  PluginInfo describe() const override {
    return {"plain text files: a file, or a directory with one document per .txt file",
            "",
            {required("path", ParameterType::kPath).help("a text file, or a directory of .txt"),
             encoding_parameter(), max_document_parameter()}};
  }

  void configure(const Parameters& parameters) override {
    files_ =
        DataFiles(find_data_files(parameters.string("path"), kLayout), encoding_of(parameters));
    files_.limit_documents(parameters.integer("max_document_mb"));
  }

  std::optional<Document> next() override { return files_.next_whole(); }
  void rewind() override { files_.rewind(); }
  std::vector<SourceFile> sources() const override { return files_.sources(); }

 private:
  DataFiles files_;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Text, "text", "1.3.0")
