// Its constructor throws an Error of its own, with all its parts.
#include "pressroom/error.h"
#include "specimen.h"

namespace zoo {

class Thrower : public Specimen {
 public:
  Thrower() {
    throw pressroom::Error({"the table is missing", "/usr/share/table.bin", "a table of 64 rows",
                            "no such file", "install the table"});
  }
};

}  // namespace zoo

PRESSROOM_METHOD(zoo::Thrower, "throwing_error", "1.0.0")
