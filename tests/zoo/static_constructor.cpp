// Leaves a mark as soon as any of its code runs.
#include <cstdlib>

#include "specimen.h"

namespace {

const int mark = setenv("PRESSROOM_ZOO_STATIC_CONSTRUCTOR_RAN", "1", 1);

}  // namespace

PRESSROOM_METHOD(zoo::Specimen, "static_constructor", "1.0.0")
