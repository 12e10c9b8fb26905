// The contract of a dataset reader.
//
// A reader yields documents one at a time, always in the same order, and never holds the whole set
// in memory. Which documents and which windows of them are used is not its business: the engine
// samples, records what it took, and gives the same windows to every method.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/plugin_base.h"
#include "pressroom/spans.h"

namespace pressroom {

// A stretch of a document's text whose tokens a model is asked to get right, in bytes; and what a
// rule that judges generated text (docs/tasks.md) takes for right.
struct Answer {
  std::size_t begin = 0;
  std::size_t end = 0;  // one past the last byte
  std::string id = {};  // of the question, unique within the document; "": its number, from 0
  // Texts that a rule looks for: whether all of them or any one is up to the metric. Empty: the
  // stretch itself, without white space at its ends.
  std::vector<std::string> references = {};
  std::vector<std::string> options = {};  // of a multiple choice, in their order
  std::int64_t most_tokens = 0;           // generated for it; 0: what the config says
  // Where its question begins, in bytes; 0: where the context, or the answer before it, ends. What
  // stands between is left out where questions are asked independently.
  std::size_t question = 0;
};

struct Document {
  std::string id;                 // stable and unique within the dataset, e.g. a file name
  std::string text;               // UTF-8 as it is in the source; empty when `ids` is given
  std::vector<std::int64_t> ids;  // token ids, for datasets that are already tokenised
  std::string provenance;         // where it came from: path, record, bytes
  // For tasks: what exact match is counted on, in order, not overlapping. A document with answers
  // is used whole - never cut into windows - and must fit into the context.
  std::vector<Answer> answers = {};
  // Of a document with answers: where its context ends and its questions begin, in bytes. Each
  // question, the text up to the beginning of its answer, can then be asked for itself (protocol
  // `questions`). 0: the document has no such parts.
  std::size_t context_end = 0;
  std::vector<Span> spans = {};  // in any order; they may overlap
  // Generation of an answer ends before the first of these; beside those of the config.
  std::vector<std::string> stop = {};
};

// What a reader may know of the run it reads for.
struct ReadingContext {
  std::int64_t context_tokens = 0;  // tokens of a window
  // Tokens of `text` in the tokenizer of the model that is run.
  std::function<std::int64_t(const std::string& text)> count_tokens;
  // Their ids: what tells whether the model can tell two texts apart. Null where it is not known.
  std::function<std::vector<std::int64_t>(const std::string& text)> encode = {};
};

// A file that documents came from.
struct SourceFile {
  std::string path;
  std::int64_t bytes = 0;  // as it lies on disk
  std::string sha256;      // of those bytes, 64 hex digits
  std::int64_t documents = 0;
  std::int64_t skipped = 0;  // records left out because the config says so
};

class DatasetReader : public Plugin {
 public:
  ~DatasetReader() override;

  // Called before the first document of a run, and again whenever the context changes. Readers of
  // text that exists have no use for it; those that make their text fit it to the context.
  virtual void prepare(const ReadingContext& context);

  // The next document, or nothing at the end. Throws Error for a document that cannot be read:
  // no document is ever left out silently.
  virtual std::optional<Document> next() = 0;

  // Starts over: the same documents follow in the same order.
  virtual void rewind() = 0;

  // The files opened since the last rewind, in order; what provenance.json says of the dataset.
  // Nothing for a reader that makes its text.
  virtual std::vector<SourceFile> sources() const;
};

}  // namespace pressroom
