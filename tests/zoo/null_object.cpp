// A factory that makes nothing.
#include "specimen.h"

ZOO_MANIFEST("null_object");

ZOO_ENTRY_POINT {
  static auto descriptor = zoo::sound_descriptor("null_object");
  descriptor.create = []() -> pressroom::Plugin* { return nullptr; };
  return &descriptor;
}
