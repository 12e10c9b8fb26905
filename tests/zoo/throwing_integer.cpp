// Its constructor throws what no handler expects.
#include "specimen.h"

namespace zoo {

class Thrower : public Specimen {
 public:
  Thrower() { throw 7; }
};

}  // namespace zoo

PRESSROOM_METHOD(zoo::Thrower, "throwing_integer", "1.0.0")
