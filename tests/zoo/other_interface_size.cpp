// Built with containers of another layout: CMake compiles this one with _GLIBCXX_DEBUG.
#include "specimen.h"

PRESSROOM_METHOD(zoo::Specimen, "other_interface_size", "1.0.0")
