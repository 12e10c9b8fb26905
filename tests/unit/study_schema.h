// Holds a speed study to its schema.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "../tools/schema_check.h"
#include "bench/decode_study.h"
#include "test_folders.h"

namespace pressroom {

inline void expect_valid_study(const DecodeStudy& study) {
  std::string all;
  for (const std::string& error : schema_errors(
           test_dir() / "../docs/schemas/bench_decode.schema.json", to_json(study).dump())) {
    all += error + "\n";
  }
  EXPECT_EQ(all, "") << to_json(study).dump(1).substr(0, 3000);
}

}  // namespace pressroom
