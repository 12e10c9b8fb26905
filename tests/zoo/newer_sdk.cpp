// Built for an SDK of this major version that has more than this harness offers.
#include "manifest_only.h"

ZOO_MANIFEST("kind=method\nname=newer_sdk\nversion=1.0.0\nsdk=" ZOO_STRING(
    PRESSROOM_SDK_VERSION_MAJOR) ".999\ntorch=" ZOO_THIS_TORCH
                                 "\ncompiler=1\ncxx_abi=1\nbuild=release\nend\n");
