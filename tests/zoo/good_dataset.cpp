// A dataset of two documents.
#include "pressroom/plugin.h"

namespace zoo {

class Pair : public pressroom::DatasetReader {
 public:
  pressroom::PluginInfo describe() const override { return {"two documents", "", {}}; }
  std::optional<pressroom::Document> next() override {
    if (read_ == 2) return std::nullopt;
    pressroom::Document document;
    document.id = "document " + std::to_string(++read_);
    return document;
  }
  void rewind() override { read_ = 0; }

 private:
  int read_ = 0;
};

}  // namespace zoo

PRESSROOM_DATASET(zoo::Pair, "good_dataset", "1.0.0")
