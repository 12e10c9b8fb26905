// A kind of plugin that does not exist.
#include "manifest_only.h"

ZOO_MANIFEST("kind=gadget\nname=unknown_kind\nversion=1.0.0\nsdk=" PRESSROOM_SDK_VERSION
             "\ntorch=" ZOO_THIS_TORCH "\ncompiler=1\ncxx_abi=1\nbuild=release\nend\n");
