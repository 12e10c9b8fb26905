// Calls a function that nobody defines, and was linked without -z defs.
#include "specimen.h"

namespace zoo {

void defined_nowhere(int);

class Caller : public Specimen {
 public:
  Caller() { defined_nowhere(1); }
};

}  // namespace zoo

PRESSROOM_METHOD(zoo::Caller, "undefined_symbol", "1.0.0")
