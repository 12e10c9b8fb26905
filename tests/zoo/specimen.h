// What specimens share whose flaw shows only once they are loaded: a manifest that fits, a method
// that works, and a descriptor to spoil.
#pragma once

#include "pressroom/plugin.h"

namespace zoo {

class Specimen : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override { return {"a specimen", "", {}}; }
  pressroom::EvictionPlan plan(std::int64_t) const override { return {}; }
};

// A descriptor without flaw for `name`; specimens change one field.
inline pressroom::PluginDescriptor sound_descriptor(const char* name) {
  return {sizeof(pressroom::PluginDescriptor), "method", name, "1.0.0",
          []() -> pressroom::Plugin* { return new Specimen; }};
}

}  // namespace zoo

#define ZOO_MANIFEST(name)                                                        \
  __attribute__((section(".pressroom"), used)) static const char zoo_manifest[] = \
      PRESSROOM_MANIFEST("method", name, "1.0.0")

#define ZOO_ENTRY_POINT                                                                  \
  extern "C" __attribute__((visibility("default"))) const ::pressroom::PluginDescriptor* \
  pressroom_plugin()
