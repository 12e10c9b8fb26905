// For specimens that must be refused before any of their code runs: a manifest written by hand, and
// no plugin behind it.
#pragma once

#include <torch/version.h>

#include <cstddef>

#include "pressroom/sdk_version.h"

#define ZOO_STRING_(x) #x
#define ZOO_STRING(x) ZOO_STRING_(x)

#define ZOO_THIS_TORCH ZOO_STRING(TORCH_VERSION_MAJOR) "." ZOO_STRING(TORCH_VERSION_MINOR) ".0"

#define ZOO_MANIFEST(text)                                                        \
  __attribute__((section(".pressroom"), used)) static const char zoo_manifest[] = \
      "pressroom-manifest\n" text
