// An entry point that throws.
#include <stdexcept>

#include "specimen.h"

ZOO_MANIFEST("throwing_entry_point");

ZOO_ENTRY_POINT { throw std::logic_error("not today"); }
