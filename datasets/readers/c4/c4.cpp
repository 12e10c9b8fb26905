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

std::string split_of(const fs::path& shard) {
  const std::string name = shard.filename().string();
  for (const char* split : {"train", "validation"}) {
    if (name.rfind(std::string("c4-") + split + ".", 0) == 0) return split;
  }
  throw Error({"this is no shard of C4", shard.string(), kLayout.holds, name,
               "give the shard's own path, or use the reader jsonl for other JSON lines"});
}

std::vector<fs::path> of_split(const std::vector<fs::path>& shards, const std::string& split,
                               const std::string& folder) {
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

// C4 as its makers publish it: gzip-compressed shards of JSON lines {text, timestamp, url}.
struct C4 final : Declared<C4, DatasetReader> {
  std::string path, split, on_bad_line;
  std::int64_t max_documents = 0, max_document_mb = 0;
  JsonLines records;

  static Declaration<C4> declare() {
    return Declaration<C4>("C4, cleaned web pages: .json.gz shards, streamed")
        .paper("Raffel et al., JMLR 2020, arXiv:1910.10683")
        .parameter(&C4::path,
                   required("path", ParameterType::kPath, "a shard, or a directory of shards"))
        .parameter(
            &C4::split,
            string("split", "any", "which shards of a directory; any: refuse one that holds both")
                .one_of({"any", "train", "validation"}))
        .parameter(&C4::on_bad_line, bad_line_parameter())
        .parameter(&C4::max_documents, max_documents_parameter())
        .parameter(&C4::max_document_mb, max_document_parameter());
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    std::vector<fs::path> shards = find_data_files(path, kLayout);
    if (fs::is_directory(path)) shards = of_split(shards, split, path);
    records = JsonLines(std::move(shards),
                        {/*field=*/"text", /*id_field=*/"", /*notes=*/{"url", "timestamp"},
                         on_bad_line == "skip", max_documents, max_document_mb});
  }

  std::optional<Document> next() override { return records.next(); }
  void rewind() override { records.rewind(); }
  std::vector<SourceFile> sources() const override { return records.sources(); }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::C4, "c4", "1.2.0")
