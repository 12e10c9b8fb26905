// Built for an SDK of another major version.
#include "manifest_only.h"

ZOO_MANIFEST("kind=method\nname=other_sdk\nversion=1.0.0\nsdk=999.0\ntorch=" ZOO_THIS_TORCH
             "\ncompiler=1\ncxx_abi=1\nbuild=release\nend\n");
