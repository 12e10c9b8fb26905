#include "pressroom/error.h"
#include "pressroom/json_lines.h"
#include "pressroom/plugin.h"
#include "task_parameters.h"

namespace pressroom {

const DataLayout kLayout = {"JSON lines: one record a line",
                            {".jsonl", ".ndjson"},
                            "datasets/readers/jsonl/README.md says where to get some"};

// JSON lines: records with a text, as GovReport's and RedPajama's arXiv, or records that ask
// something about a context, as LongBench's.
struct Jsonl final : Declared<Jsonl, DatasetReader> {
  std::string path, field, id_field, on_bad_line;
  TaskParameters task;
  std::int64_t max_documents = 0, max_document_mb = 0;

  static Declaration<Jsonl> declare() {
    return Declaration<Jsonl>("JSON lines: one document per record, a text or a task")
        .parameter(&Jsonl::path,
                   required("path", ParameterType::kPath,
                            "a file of JSON lines, or a directory of .jsonl, compressed or not"))
        .parameter(&Jsonl::field, string("field", "text", "the field that is the text"))
        .parameter(&Jsonl::id_field,
                   string("id_field", "", "the field that is the id; none: file name and line"))
        .part(&Jsonl::task)
        .parameter(&Jsonl::on_bad_line, bad_line_parameter())
        .parameter(&Jsonl::max_documents, max_documents_parameter())
        .parameter(&Jsonl::max_document_mb, max_document_parameter());
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    if (task.asks()) form_ = task.form();
    records_ = JsonLines(find_data_files(path, kLayout),
                         {field, id_field, /*notes=*/{}, on_bad_line == "skip", max_documents,
                          max_document_mb, task.fields()});
  }

  void prepare(const ReadingContext& context) override {
    context_ = context;
    rewind();
  }

  std::optional<Document> next() override {
    if (!task.asks()) return records_.next();
    while (const std::optional<TaskRecord> record = records_.next_task()) {
      std::optional<Document> document = document_of(*record);
      if (document) {
        ++used_;
        return document;
      }
      ++too_long_;
      records_.leave_out();
    }
    if (used_ > 0 || too_long_ == 0) return std::nullopt;
    throw Error({"no record fits into the context", path,
                 "tasks of at most " + std::to_string(context_.context_tokens) + " tokens",
                 std::to_string(too_long_) + " longer ones",
                 "raise protocol.context, or say on_long: middle"});
  }

  void rewind() override {
    records_.rewind();
    used_ = too_long_ = 0;
  }

  std::vector<SourceFile> sources() const override { return records_.sources(); }

 private:
  // Nothing for a record that is left out.
  std::optional<Document> document_of(const TaskRecord& record) const {
    // Whoever only wants to see the documents has no tokenizer, and no context.
    if (!context_.count_tokens) return task_document(record, form_);
    std::optional<Document> document = fitted_task(record, form_, context_, records_.where());
    if (document && too_long_ > 0) {
      document->provenance += ", " + std::to_string(too_long_) + " too long before it";
    }
    return document;
  }

  TaskForm form_;
  JsonLines records_;
  ReadingContext context_;
  std::int64_t used_ = 0;
  std::int64_t too_long_ = 0;
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::Jsonl, "jsonl", "1.3.0")
