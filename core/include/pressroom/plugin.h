// How a plugin makes itself known to the host: one line at the end of its source.
//
//   PRESSROOM_METHOD(StreamingLlm, "streaming_llm", "1.0.0")
//
// The line puts two things into the shared object. A *manifest*, text in an ELF section of its own,
// which the host reads from the file before any code of the plugin runs: kind, name, version, and
// what the plugin was built with. And one C symbol, `pressroom_plugin`, which gives the plugin's
// descriptor.
//
// A shared object holds exactly one plugin. C++ interfaces cross the boundary, so host and plugin
// must agree on compiler ABI, libtorch and every declaration of these headers; the manifest is how
// the host knows.
#pragma once

#include <torch/version.h>

#include <cstddef>
#include <cstdint>

#include "pressroom/dataset.h"
#include "pressroom/declared_method.h"
#include "pressroom/method.h"
#include "pressroom/metric.h"
#include "pressroom/sdk_version.h"

namespace pressroom {

// Answers of `pressroom_plugin`. Every field is constant data of the plugin; plain C layout.
struct PluginDescriptor {
  std::uint32_t descriptor_bytes;  // sizeof(PluginDescriptor) on the plugin's side
  const char* kind;                // "method", "dataset" or "metric"
  const char* name;
  const char* version;
  // A new plugin object, to be deleted by the host; may throw.
  Plugin* (*create)();
};

// The symbol every plugin exports, and its type.
inline constexpr const char* kPluginSymbol = "pressroom_plugin";
using PluginEntry = const PluginDescriptor*();

}  // namespace pressroom

#define PRESSROOM_STRING_(x) #x
#define PRESSROOM_STRING(x) PRESSROOM_STRING_(x)

#ifdef NDEBUG
#define PRESSROOM_BUILD_TYPE "release"
#else
#define PRESSROOM_BUILD_TYPE "debug"
#endif

// What a binary was built with, as the manifest spells it.
#define PRESSROOM_TORCH_VERSION         \
  PRESSROOM_STRING(TORCH_VERSION_MAJOR) \
  "." PRESSROOM_STRING(TORCH_VERSION_MINOR) "." PRESSROOM_STRING(TORCH_VERSION_PATCH)
#define PRESSROOM_COMPILER __VERSION__
#ifdef _GLIBCXX_DEBUG
#define PRESSROOM_CONTAINERS "-debug"  // they have members of their own
#else
#define PRESSROOM_CONTAINERS ""
#endif
#define PRESSROOM_CXX_ABI             \
  PRESSROOM_STRING(__GXX_ABI_VERSION) \
  "-cxx11-" PRESSROOM_STRING(_GLIBCXX_USE_CXX11_ABI) PRESSROOM_CONTAINERS

// The hash of what these headers declare, which pressroom_add_method and its like pass to the
// compiler (PressroomInterfaceHash.cmake). A plugin that was built without them is not loaded.
#ifndef PRESSROOM_INTERFACE_HASH
#define PRESSROOM_INTERFACE_HASH "unknown"
#endif

#define PRESSROOM_MANIFEST(kind, name, version)                                   \
  "pressroom-manifest\n"                                                          \
  "kind=" kind "\nname=" name "\nversion=" version "\nsdk=" PRESSROOM_SDK_VERSION \
  "\ntorch=" PRESSROOM_TORCH_VERSION "\ncompiler=" PRESSROOM_COMPILER             \
  "\ncxx_abi=" PRESSROOM_CXX_ABI "\ninterface=" PRESSROOM_INTERFACE_HASH          \
  "\nbuild=" PRESSROOM_BUILD_TYPE "\nend\n"

#define PRESSROOM_PLUGIN_(Class, Base, kind, name, version)                                        \
  __attribute__((section(".pressroom"), used)) static const char pressroom_manifest[] =            \
      PRESSROOM_MANIFEST(kind, name, version);                                                     \
  extern "C" __attribute__((visibility("default"))) const ::pressroom::PluginDescriptor*           \
  pressroom_plugin() {                                                                             \
    static const ::pressroom::PluginDescriptor descriptor = {                                      \
        sizeof(::pressroom::PluginDescriptor), kind, name, version, []() -> ::pressroom::Plugin* { \
          ::pressroom::Base* plugin = new Class();                                                 \
          return plugin;                                                                           \
        }};                                                                                        \
    return &descriptor;                                                                            \
  }

// Registers `Class`, derived from Method / DatasetReader / Metric, under `name` (lower case
// letters, digits and underscores). Use once per shared object, at namespace scope.
#define PRESSROOM_METHOD(Class, name, version) \
  PRESSROOM_PLUGIN_(Class, Method, "method", name, version)
#define PRESSROOM_DATASET(Class, name, version) \
  PRESSROOM_PLUGIN_(Class, DatasetReader, "dataset", name, version)
#define PRESSROOM_METRIC(Class, name, version) \
  PRESSROOM_PLUGIN_(Class, Metric, "metric", name, version)
