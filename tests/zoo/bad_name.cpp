// A name that no config could write without quotes.
#include "manifest_only.h"

ZOO_MANIFEST("kind=method\nname=Bad Name\nversion=1.0.0\nsdk=" PRESSROOM_SDK_VERSION
             "\ntorch=" ZOO_THIS_TORCH "\ncompiler=1\ncxx_abi=1\nbuild=release\nend\n");
