// Built by a compiler that lays classes out by other rules.
#include "manifest_only.h"

ZOO_MANIFEST("kind=method\nname=other_abi\nversion=1.0.0\nsdk=" PRESSROOM_SDK_VERSION
             "\ntorch=" ZOO_THIS_TORCH
             "\ncompiler=4.8.5\ncxx_abi=1002-cxx11-0\nbuild=release\nend\n");
