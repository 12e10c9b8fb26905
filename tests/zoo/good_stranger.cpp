// From another compiler with this one's ABI, of a build type that does not exist, and stripped: it
// fits all the same.
#include "specimen.h"

#undef PRESSROOM_COMPILER
#define PRESSROOM_COMPILER "99.1.0"
#undef PRESSROOM_BUILD_TYPE
#define PRESSROOM_BUILD_TYPE "minimal"

PRESSROOM_METHOD(zoo::Specimen, "good_stranger", "1.0.0")
