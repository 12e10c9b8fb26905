// Built against a copy of the headers in which two virtual functions have changed places: the sizes
// of all types are those of the harness, and a call of one reaches the other.
#include "specimen.h"

PRESSROOM_METHOD(zoo::Specimen, "swapped_virtuals", "1.0.0")
