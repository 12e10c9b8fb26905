#include <algorithm>
#include <filesystem>

#include "pressroom/error.h"
#include "pressroom/json_lines.h"
#include "pressroom/plugin.h"

namespace pressroom {

namespace fs = std::filesystem;

const DataLayout kLayout = {"C4: shards named c4-train.*.json.gz or c4-validation.*.json.gz",
                            {".json"},
                            "datasets/readers/c4/README.md says how to get a shard"};

// C4 as its makers publish it: gzip-compressed shards of JSON lines {text, timestamp, url}.
class C4 final : public DatasetReader {
 public:
  PluginInfo describe() const override {
    return {"C4, cleaned web pages: .json.gz shards, streamed",
            "Raffel et al., JMLR 2020, arXiv:1910.10683",
            {required("path", ParameterType::kPath).help("a shard, or a directory of shards"),
             string("split", "any")
                 .one_of({"any", "train", "validation"})
                 .help("which shards of a directory; any: refuse one that holds both"),
             bad_line_parameter(), max_documents_parameter(), max_document_parameter()}};
  }

  void configure(const Parameters& parameters) override {
    const std::string& path = parameters.string("path");
    std::vector<fs::path> shards = find_data_files(path, kLayout);
    if (fs::is_directory(path)) shards = of_split(shards, parameters.string("split"), path);
    JsonLinesOptions options;
    options.notes = {"url", "timestamp"};
    options.skip_bad_lines = skips_bad_lines(parameters);
    options.max_documents = parameters.integer("max_documents");
    options.max_document_mb = parameters.integer("max_document_mb");
    records_ = JsonLines(std::move(shards), options);
  }

  std::optional<Document> next() override { return records_.next(); }
  void rewind() override { records_.rewind(); }
  std::vector<SourceFile> sources() const override { return records_.sources(); }

 private:
  static std::string split_of(const fs::path& shard) {
    const std::string name = shard.filename().string();
    for (const char* split : {"train", "validation"}) {
      if (name.rfind(std::string("c4-") + split + ".", 0) == 0) return split;
    }
    throw Error({"this is no shard of C4", shard.string(), kLayout.holds, name,
                 "give the shard's own path, or use the reader jsonl for other JSON lines"});
  }

  static std::vector<fs::path> of_split(const std::vector<fs::path>& shards,
                                        const std::string& split, const std::string& folder) {
    const std::string chosen = split == "any" ? split_of(shards.front()) : split;
    std::vector<fs::path> matching;
    std::copy_if(shards.begin(), shards.end(), std::back_inserter(matching),
                 [&](const fs::path& shard) { return split_of(shard) == chosen; });
    if (split == "any" && matching.size() < shards.size()) {
      throw Error({"the folder holds two splits", folder, "shards of one split, or a choice",
                   "train and validation shards", "say split: train or split: validation"});
    }
    if (!matching.empty()) return matching;
    throw Error({"the folder has no shard of this split", folder, "c4-" + split + ".*.json.gz",
                 shards.front().filename().string(), kLayout.get});
  }

  JsonLines records_;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::C4, "c4", "1.2.0")
