// The real model that golden figures are of (tests/goldens/README.md), where it is at hand.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "test_folders.h"

namespace pressroom {

inline const std::filesystem::path& stories_model_folder() {
  static const std::filesystem::path folder = [] {
    const char* given = std::getenv("PRESSROOM_SHARED");
    const std::filesystem::path shared =
        given != nullptr ? std::filesystem::path(given) : test_dir() / "../../shared";
    return shared / "data/stories260k/hf";
  }();
  return folder;
}

}  // namespace pressroom

// Skips, saying so, where the model is not at hand.
#define REQUIRE_THE_STORIES_MODEL()                                                          \
  if (!std::filesystem::exists(::pressroom::stories_model_folder() / "model.safetensors")) { \
    GTEST_SKIP() << "needs the stories260k model in " << ::pressroom::stories_model_folder() \
                 << "; set PRESSROOM_SHARED to the folder that holds data/stories260k";      \
  }
