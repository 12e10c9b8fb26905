// Built twice: two files that offer one name.
#include "specimen.h"

PRESSROOM_METHOD(zoo::Specimen, "twin", "1.0.0")
