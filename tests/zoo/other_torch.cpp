// Built with a libtorch whose classes may be laid out differently.
#include "manifest_only.h"

ZOO_MANIFEST("kind=method\nname=other_torch\nversion=1.0.0\nsdk=" PRESSROOM_SDK_VERSION
             "\ntorch=0.99.1\ncompiler=1\ncxx_abi=1\nbuild=release\nend\n");
