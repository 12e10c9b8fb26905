// An entry point that answers nothing.
#include "specimen.h"

ZOO_MANIFEST("null_descriptor");

ZOO_ENTRY_POINT { return nullptr; }
