// A manifest that does not say what the plugin was built with.
#include "manifest_only.h"

ZOO_MANIFEST("kind=method\nname=incomplete_manifest\nversion=1.0.0\nsdk=" PRESSROOM_SDK_VERSION
             "\ntorch=\nend\n");
