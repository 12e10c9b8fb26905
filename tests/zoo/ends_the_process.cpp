// Ends whatever process its code gets into, before anything is asked of it.
#include <unistd.h>

#include "specimen.h"

namespace {

[[gnu::constructor]] void end() { _exit(7); }

}  // namespace

PRESSROOM_METHOD(zoo::Specimen, "ends_the_process", "1.0.0")
