// The real models that golden figures are of (tests/goldens/README.md), and where they lie.
//
//   INSTANTIATE_TEST_SUITE_P(Models, StreamGolden,
//                            testing::Combine(testing::ValuesIn(golden_models()), ...));
//
// "starter" is in the repository, so every machine holds every method to another implementation.
// "stories", a public model of 260 thousand parameters, is not: where it is missing its figures are
// left out, which scripts/test says at its end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "test_folders.h"

namespace pressroom {

// The folder with config.json and model.safetensors of "starter" or "stories"; the latter may not
// exist. PRESSROOM_SHARED names the folder that has data/stories260k in it.
inline std::filesystem::path golden_model_folder(const std::string& name) {
  if (name == "starter") return test_dir() / "../datasets/starter";
  const char* given = std::getenv("PRESSROOM_SHARED");
  const std::filesystem::path shared =
      given != nullptr ? std::filesystem::path(given) : test_dir() / "../../shared";
  return shared / "data/stories260k/hf";
}

// Those at hand, "starter" first.
inline std::vector<std::string> golden_models() {
  if (std::filesystem::exists(golden_model_folder("stories") / "model.safetensors")) {
    return {"starter", "stories"};
  }
  return {"starter"};
}

// The figures of one model: tests/goldens/<model>_<figures>.json.
inline std::filesystem::path golden_file_of(const std::string& model, const std::string& figures) {
  return test_dir() / "goldens" / (model + "_" + figures + ".json");
}

}  // namespace pressroom
