// Built with containers of another layout: CMake compiles this one with _GLIBCXX_DEBUG.
#include "specimen.h"

PRESSROOM_METHOD(zoo::Specimen, "debug_containers", "1.0.0")
