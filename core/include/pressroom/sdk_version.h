// The version of the plugin SDK, for people: the major number changes when a plugin's source may
// have to be changed, the minor number when something was added. Whether a plugin that was built
// can be loaded is decided by the hash of the declarations (cmake/PressroomInterfaceHash.cmake).
#pragma once

#define PRESSROOM_SDK_VERSION_MAJOR 7
#define PRESSROOM_SDK_VERSION_MINOR 3
#define PRESSROOM_SDK_VERSION "7.3"
