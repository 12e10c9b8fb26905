// The contract of a dataset reader.
//
// A reader yields documents one at a time, always in the same order, and never holds the whole set
// in memory. Which documents and which windows of them are used is not its business: the engine
// samples, records what it took, and gives the same windows to every method.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/plugin_base.h"

namespace pressroom {

struct Document {
  std::string id;                 // stable and unique within the dataset, e.g. a file name
  std::string text;               // UTF-8 as it is in the source; empty when `ids` is given
  std::vector<std::int64_t> ids;  // token ids, for datasets that are already tokenised
  std::string provenance;         // where it came from: path, record, bytes
};

class DatasetReader : public Plugin {
 public:
  ~DatasetReader() override;

  // The next document, or nothing at the end. Throws Error for a document that cannot be read:
  // no document is ever left out silently.
  virtual std::optional<Document> next() = 0;

  // Starts over: the same documents follow in the same order.
  virtual void rewind() = 0;
};

}  // namespace pressroom
