// Built without pressroom_add_method, which says what the headers declare.
#undef PRESSROOM_INTERFACE_HASH
#include "specimen.h"

PRESSROOM_METHOD(zoo::Specimen, "unknown_headers", "1.0.0")
