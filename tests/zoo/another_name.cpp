// Says one name in its manifest and another in its descriptor.
#include "specimen.h"

ZOO_MANIFEST("another_name");

ZOO_ENTRY_POINT {
  static const auto descriptor = zoo::sound_descriptor("somebody_else");
  return &descriptor;
}
