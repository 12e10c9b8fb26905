// Built against a copy of the headers that differs in a comment: it can be loaded.
#include "specimen.h"

PRESSROOM_METHOD(zoo::Specimen, "commented_headers", "1.0.0")
