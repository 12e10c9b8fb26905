#include "pressroom/data_files.h"
#include "pressroom/plugin.h"

namespace pressroom {

const DataLayout kLayout = {
    "plain text: one document a line", {".txt"}, "README.md says where it comes from"};

// A line is a document, without its line end; a blank one is none.
struct PluginNameDataset final : Declared<PluginNameDataset, DatasetReader> {
  std::string path;
  DataFiles files;

  static Declaration<PluginNameDataset> declare() {
    return Declaration<PluginNameDataset>("lines of text files, one document each")
        .parameter(&PluginNameDataset::path,
                   required("path", ParameterType::kPath, "a text file, or a folder of .txt"));
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);  // fills the fields
    files = DataFiles(find_data_files(path, kLayout));
  }

  std::optional<Document> next() override {
    while (files.current() != nullptr || files.open_next() != nullptr) {
      DataFile& file = *files.current();
      while (const std::optional<std::string> line = file.line()) {
        if (line->find_first_not_of(" \t\r\n") == std::string::npos) continue;
        Document document;
        // Windows are drawn by the id: it is the same wherever the file lies.
        document.id = file.name() + "#" + std::to_string(file.line_number());
        document.text = line->substr(0, line->find_last_not_of("\r\n") + 1);
        document.provenance = file.where();
        files.count_document();
        return document;
      }
      files.open_next();
    }
    return std::nullopt;
  }

  void rewind() override { files.rewind(); }
  std::vector<SourceFile> sources() const override { return files.sources(); }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::PluginNameDataset, "plugin_name", "0.1.0")
