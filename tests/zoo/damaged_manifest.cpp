// A manifest without its last line.
#include "manifest_only.h"

ZOO_MANIFEST("kind=method\nname=damaged_manifest\n");
