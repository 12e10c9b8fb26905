// Its constructor throws what most code throws.
#include <stdexcept>

#include "specimen.h"

namespace zoo {

class Thrower : public Specimen {
 public:
  Thrower() { throw std::runtime_error("the weights are on another disk"); }
};

}  // namespace zoo

PRESSROOM_METHOD(zoo::Thrower, "throwing_factory", "1.0.0")
