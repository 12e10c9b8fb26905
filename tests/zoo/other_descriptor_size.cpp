// A descriptor with a field more than the host knows.
#include "specimen.h"

ZOO_MANIFEST("other_descriptor_size");

ZOO_ENTRY_POINT {
  static auto descriptor = zoo::sound_descriptor("other_descriptor_size");
  descriptor.descriptor_bytes = sizeof(descriptor) + 8;
  return &descriptor;
}
