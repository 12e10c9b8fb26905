// A manifest that fits and nothing behind it.
#include "specimen.h"

ZOO_MANIFEST("no_entry_point");
