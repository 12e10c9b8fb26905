// What plugin code leaves changed in the thread or the process is put back, and refused by name.
#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <fenv.h>
#include <gtest/gtest.h>

#include <clocale>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "parallel/float_controls.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom::state_guard_test {
namespace {

struct Change {
  const char* words;
  std::function<void()> make;
};

// Never destroyed, as one that a plugin forgets.
void keep_inference_mode() {
  static auto* const kept = new std::vector<std::unique_ptr<c10::InferenceMode>>;
  kept->push_back(std::make_unique<c10::InferenceMode>(!c10::InferenceMode::is_enabled()));
}

std::vector<Change> changes_of_thread() {
  return {
      {"rounding upward", [] { fesetround(FE_UPWARD); }},
      {"rounding downward", [] { fesetround(FE_DOWNWARD); }},
      {"rounding toward zero", [] { fesetround(FE_TOWARDZERO); }},
      {"denormal numbers taken for zero", [] { at::globalContext().setFlushDenormal(true); }},
      {"floating-point exceptions trapped", [] { feenableexcept(FE_INVALID); }},
      // One that happened long ago is still noted, and would trap now.
      {"floating-point exceptions trapped",
       [] {
         feraiseexcept(FE_INVALID);
         feenableexcept(FE_INVALID);
       }},
      {"threads for libtorch", [] { at::set_num_threads(at::get_num_threads() + 3); }},
      {"libtorch's gradient mode", [] { at::GradMode::set_enabled(!at::GradMode::is_enabled()); }},
      {"libtorch's inference mode", [] { keep_inference_mode(); }},
  };
}

std::vector<Change> changes_of_process() {
  return {
      {"a default dtype of Double, not Float",
       [] { at::set_default_dtype(at::scalarTypeToTypeMeta(at::kDouble)); }},
      {"libtorch's deterministic algorithms",
       [] { at::globalContext().setDeterministicAlgorithms(true, true); }},
      {"how cuDNN chooses algorithms", [] { at::globalContext().setBenchmarkCuDNN(true); }},
      {"whether products are rounded to TF32",
       [] { at::globalContext().setAllowTF32CuBLAS(!at::globalContext().allowTF32CuBLAS()); }},
      {"whether libtorch uses oneDNN",
       [] { at::globalContext().setUserEnabledMkldnn(!at::globalContext().userEnabledMkldnn()); }},
      {"the locale C.UTF-8, not C", [] { std::setlocale(LC_ALL, "C.UTF-8"); }},
  };
}

// What `call` throws, by its parts.
Problem problem_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.problems().front();
  }
  return {};
}

// The check is made with another guard than the one that is tested: nothing is left to put back.
void expect_found_and_put_back(const Change& change, const std::string& got) {
  EXPECT_NE(got.find(change.words), std::string::npos) << got;
  StateGuard untouched;
  EXPECT_EQ(float_changes(float_controls()), "");
  EXPECT_EQ(fegetround(), FE_TONEAREST);
  EXPECT_EQ(untouched.put_back(), "");
}

TEST(StateGuard, FindsNothingWhereNothingWasChanged) {
  StateGuard guard;
  const at::Tensor some = at::rand({8, 8}).mm(at::rand({8, 8}));
  EXPECT_TRUE(some.defined());
  EXPECT_EQ(guard.put_back(), "");
}

TEST(StateGuard, NamesEachChangeOfTheThreadAndPutsItBack) {
  for (const Change& change : changes_of_thread()) {
    SCOPED_TRACE(change.words);
    ThreadGuard guard;
    change.make();
    expect_found_and_put_back(change, guard.put_back());
  }
}

TEST(StateGuard, NamesEachChangeOfTheProcessAndPutsItBack) {
  for (const Change& change : changes_of_process()) {
    SCOPED_TRACE(change.words);
    ProcessGuard guard;
    change.make();
    expect_found_and_put_back(change, guard.put_back());
  }
}

TEST(StateGuard, PutsBackWhatACallThatThrewHadChanged) {
  std::vector<Change> all = changes_of_thread();
  for (Change& change : changes_of_process()) all.push_back(std::move(change));
  const at::ScalarType dtype = at::get_default_dtype_as_scalartype();
  const bool gradients = at::GradMode::is_enabled();
  for (const Change& change : all) {
    SCOPED_TRACE(change.words);
    const Problem problem = problem_of([&] {
      at_plugin_boundary("method \"x\"", "planning", "x.so", [&]() -> int {
        change.make();
        throw std::runtime_error("no plan");
      });
    });
    EXPECT_EQ(problem.what, "method \"x\" failed while planning");
    EXPECT_EQ(problem.got, "std::runtime_error: no plan");
    EXPECT_EQ(fegetround(), FE_TONEAREST);
    EXPECT_EQ(float_changes(float_controls()), "");
    EXPECT_EQ(at::get_default_dtype_as_scalartype(), dtype);
    EXPECT_EQ(at::GradMode::is_enabled(), gradients);
    EXPECT_FALSE(at::globalContext().deterministicAlgorithms());
    EXPECT_STREQ(std::setlocale(LC_ALL, nullptr), "C");
  }
}

TEST(StateGuard, RefusesACallAtTheBoundaryByThePluginsName) {
  const Problem problem = problem_of([] {
    at_plugin_boundary("method \"x\"", "planning", "x.so", [] { fesetround(FE_UPWARD); });
  });
  EXPECT_EQ(problem.what,
            "method \"x\" failed while planning: it changed how everything after it computes");
  EXPECT_EQ(problem.where, "x.so");
  EXPECT_EQ(problem.got, "rounding upward");
  EXPECT_EQ(fegetround(), FE_TONEAREST);
}

TEST(StateGuard, BeginsACallWithTheStandardSettings) {
  fesetround(FE_UPWARD);
  int rounding = -1;
  at_plugin_boundary("method \"x\"", "planning", "x.so", [&] { rounding = fegetround(); });
  EXPECT_EQ(rounding, FE_TONEAREST);
  EXPECT_EQ(fegetround(), FE_TONEAREST);
}

TEST(FloatControls, SayWhatArithmeticShows) {
  use_standard_floats();
  const volatile float smallest = std::numeric_limits<float>::min();
  const volatile float one = 1;
  const volatile float little = 1e-10F;
  EXPECT_GT(smallest / 2, 0.0F);
  EXPECT_EQ(one + little, 1.0F);
  at::globalContext().setFlushDenormal(true);
  fesetround(FE_UPWARD);
  EXPECT_EQ(smallest / 2, 0.0F);
  EXPECT_GT(one + little, 1.0F);
  EXPECT_EQ(float_changes(float_controls()), "rounding upward, denormal numbers taken for zero");
  use_standard_floats();
  EXPECT_GT(smallest / 2, 0.0F);
  EXPECT_EQ(one + little, 1.0F);
  EXPECT_EQ(float_changes(float_controls()), "");
}

}  // namespace
}  // namespace pressroom::state_guard_test
