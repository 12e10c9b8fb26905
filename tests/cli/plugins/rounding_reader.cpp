// Reads one made-up document and leaves the rounding changed behind it.
#include <fenv.h>

#include "pressroom/plugin.h"

namespace {

class RoundingReader : public pressroom::DatasetReader {
 public:
  pressroom::PluginInfo describe() const override { return {"rounds toward zero", "", {}}; }
  std::optional<pressroom::Document> next() override {
    fesetround(FE_TOWARDZERO);
    if (is_read_) return std::nullopt;
    is_read_ = true;
    pressroom::Document document;
    document.id = "one";
    document.text = std::string(4000, 'a');
    return document;
  }
  void rewind() override { is_read_ = false; }

 private:
  bool is_read_ = false;
};

}  // namespace

PRESSROOM_DATASET(RoundingReader, "rounding_reader", "1.0.0")
