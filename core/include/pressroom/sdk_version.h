// The version of the plugin SDK. The major number changes when a plugin must be rebuilt, the minor
// number when something was added that old plugins do not notice.
#pragma once

#define PRESSROOM_SDK_VERSION_MAJOR 5
#define PRESSROOM_SDK_VERSION_MINOR 0
#define PRESSROOM_SDK_VERSION "5.0"
