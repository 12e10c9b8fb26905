// Can be made but not asked.
#include <stdexcept>

#include "specimen.h"

namespace zoo {

class Silent : public Specimen {
 public:
  pressroom::PluginInfo describe() const override { throw std::out_of_range("no words"); }
};

}  // namespace zoo

PRESSROOM_METHOD(zoo::Silent, "throwing_describe", "1.0.0")
