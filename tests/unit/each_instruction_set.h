// Tests of vectorised kernels on each of the instruction sets that this processor has and the
// kernels are compiled for, not on the best of them alone.
//
//   class MyKernel : public OnEachInstructionSet {};
//   TEST_P(MyKernel, IsTheFormula) { ... }
//   INSTANTIATE_TEST_SUITE_P(EachInstructionSet, MyKernel, instruction_sets(),
//                            instruction_set_name);
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <string>

namespace pressroom {

// While a test runs, kernels run on the instruction set that is its parameter.
class OnEachInstructionSet : public testing::TestWithParam<std::int64_t> {
 protected:
  OnEachInstructionSet() { use(GetParam()); }
  ~OnEachInstructionSet() override { use(0); }  // the best there is

 private:
  static void use(std::int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

inline auto instruction_sets() { return testing::ValuesIn(hwy::SupportedAndGeneratedTargets()); }

inline std::string instruction_set_name(const testing::TestParamInfo<std::int64_t>& target) {
  return hwy::TargetName(target.param);
}

}  // namespace pressroom
