#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {

namespace fs = std::filesystem;

// Plain text: one document a file. A directory is read in bytewise order of file names.
class Text final : public DatasetReader {
 public:
  PluginInfo describe() const override {
    return {"plain text files: a file, or a directory with one document per .txt file",
            "",
            {required("path", ParameterType::kPath).help("a text file, or a directory of .txt")}};
  }

  void configure(const Parameters& parameters) override {
    root_ = parameters.string("path");
    if (fs::is_directory(root_)) {
      list_directory();
    } else if (fs::is_regular_file(root_)) {
      files_ = {root_};
    } else {
      throw Error({"there is no such text", root_.string(),
                   "a text file, or a directory of .txt files", "nothing of that name",
                   "check the path; the quickstart's text comes from scripts/setup"});
    }
  }

  std::optional<Document> next() override {
    if (next_ == files_.size()) return std::nullopt;
    return read(files_[next_++]);
  }

  void rewind() override { next_ = 0; }

 private:
  void list_directory() {
    std::vector<std::string> others;
    for (const auto& entry : fs::directory_iterator(root_)) {
      if (!entry.is_regular_file()) continue;
      if (entry.path().extension() == ".txt") {
        files_.push_back(entry.path());
      } else {
        others.push_back(entry.path().filename().string());
      }
    }
    std::sort(files_.begin(), files_.end());
    if (!files_.empty()) return;
    std::sort(others.begin(), others.end());
    throw Error({"the directory holds no text", root_.string(), "*.txt files",
                 others.empty() ? "no files" : others.front() + " and the like", "check the path"});
  }

  static Document read(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    Document document;
    document.id = file.filename().string();
    document.text = text.str();
    if (!stream || document.text.empty()) {
      throw Error({"a text cannot be used", file.string(), "a readable file with text in it",
                   stream ? "an empty file" : "a file that cannot be read", "check the file"});
    }
    document.provenance = file.string() + ", " + std::to_string(document.text.size()) + " bytes";
    return document;
  }

  fs::path root_;
  std::vector<fs::path> files_;
  std::size_t next_ = 0;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Text, "text", "1.0.0")
