#include "pressroom/json_lines.h"
#include "pressroom/plugin.h"

namespace pressroom {

const DataLayout kLayout = {"JSON lines: one record a line",
                            {".jsonl", ".ndjson"},
                            "datasets/readers/jsonl/README.md says where to get some"};

// JSON lines with a declared text field: GovReport, RedPajama's arXiv, and whatever else the hub
// stores, once it is converted from Parquet.
struct Jsonl final : Declared<Jsonl, DatasetReader> {
  std::string path, field, id_field, on_bad_line;
  std::int64_t max_documents = 0, max_document_mb = 0;
  JsonLines records;

  static Declaration<Jsonl> declare() {
    return Declaration<Jsonl>("JSON lines: one document per record, its text in a declared field")
        .parameter(&Jsonl::path,
                   required("path", ParameterType::kPath,
                            "a file of JSON lines, or a directory of .jsonl, compressed or not"))
        .parameter(&Jsonl::field, string("field", "text", "the field that is the text"))
        .parameter(&Jsonl::id_field,
                   string("id_field", "", "the field that is the id; none: file name and line"))
        .parameter(&Jsonl::on_bad_line, bad_line_parameter())
        .parameter(&Jsonl::max_documents, max_documents_parameter())
        .parameter(&Jsonl::max_document_mb, max_document_parameter());
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    records = JsonLines(
        find_data_files(path, kLayout),
        {field, id_field, /*notes=*/{}, on_bad_line == "skip", max_documents, max_document_mb});
  }

  std::optional<Document> next() override { return records.next(); }
  void rewind() override { records.rewind(); }
  std::vector<SourceFile> sources() const override { return records.sources(); }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Jsonl, "jsonl", "1.2.0")
