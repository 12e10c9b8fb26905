#include "pressroom/json_lines.h"
#include "pressroom/plugin.h"

namespace pressroom {

const DataLayout kLayout = {"JSON lines: one record a line",
                            {".jsonl", ".ndjson"},
                            "datasets/readers/jsonl/README.md says where to get some"};

// JSON lines with a declared text field: GovReport, RedPajama's arXiv, and whatever else the hub
// stores, once it is converted from Parquet.
class Jsonl final : public DatasetReader {
 public:
  PluginInfo describe() const override {
    return {"JSON lines: one document per record, its text in a declared field",
            "",
            {required("path", ParameterType::kPath)
                 .help("a file of JSON lines, or a directory of .jsonl, compressed or not"),
             string("field", "text").help("the field that is the text"),
             string("id_field", "").help("the field that is the id; none: file name and line"),
             bad_line_parameter(), max_documents_parameter(), max_document_parameter()}};
  }

  void configure(const Parameters& parameters) override {
    JsonLinesOptions options;
    options.field = parameters.string("field");
    options.id_field = parameters.string("id_field");
    options.skip_bad_lines = skips_bad_lines(parameters);
    options.max_documents = parameters.integer("max_documents");
    options.max_document_mb = parameters.integer("max_document_mb");
    records_ = JsonLines(find_data_files(parameters.string("path"), kLayout), options);
  }

  std::optional<Document> next() override { return records_.next(); }
  void rewind() override { records_.rewind(); }
  std::vector<SourceFile> sources() const override { return records_.sources(); }

 private:
  JsonLines records_;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Jsonl, "jsonl", "1.2.0")
