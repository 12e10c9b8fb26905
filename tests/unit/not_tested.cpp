// Says which inputs of the tests are not on this machine. Their tests are not instantiated, so that
// a run without them has no skipped test; scripts/test repeats these lines at its end.
#include <gtest/gtest.h>

#include <iostream>

#include "golden_models.h"

namespace pressroom {
namespace {

class OtherInputs : public testing::Environment {
  void SetUp() override {
    if (golden_models().size() == 1) {
      std::cout << "NOT TESTED: the same figures on stories260K, and published tokenizer files: "
                   "PRESSROOM_SHARED names no folder with data/stories260k (the starter model and "
                   "small tokenizers were tested)\n";
    }
  }
};

// gtest owns it from here on.
const testing::Environment* const kOtherInputs = testing::AddGlobalTestEnvironment(new OtherInputs);

}  // namespace
}  // namespace pressroom
