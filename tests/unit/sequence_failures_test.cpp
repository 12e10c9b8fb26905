// A step that fails part of the way leaves layers that hold different tokens: nothing may be made
// of them.
#include <ATen/ATen.h>

#include "pressroom/error.h"
#include "sequence_test_support.h"

namespace pressroom::sequence_test {
namespace {

// Holds 5 entries a head; scoring fails once `fails` says so, in the second layer, when the first
// one has its entry and has evicted.
TestMethod failing_method(const std::shared_ptr<bool>& fails) {
  TestMethod method(Ranking::kScore);
  method.on_score = [fails](const PolicyContext& context, const HeadView& head) {
    if (*fails && context.layer == 1) throw std::runtime_error("the method has failed");
    return head.positions().to(at::kFloat);
  };
  return method;
}

RunSettings holding(const Method& method) {
  RunSettings settings = settings_of(method, 5);
  settings.protocol.continuation = Continuation::kHold;
  return settings;
}

void expect_refused(const std::function<void()>& call, const std::string& failed_at) {
  const Problem problem = problem_of(call);
  EXPECT_EQ(problem.what, "a sequence cannot go on after a step that failed");
  EXPECT_EQ(problem.where, "one");
  EXPECT_NE(problem.got.find(failed_at), std::string::npos) << problem.got;
}

TEST(SequenceWhoseStepFailed, IsNeitherFedNorStored) {
  const auto fails = std::make_shared<bool>(false);
  const TestMethod method = failing_method(fails);
  Sequence sequence(tiny().model(), method, holding(method), "one", 30);
  const Indices ids = ids_of(30);
  sequence.prefill({ids.begin(), ids.begin() + 10});
  sequence.feed(ids[10]);
  *fails = true;
  EXPECT_NE(problem_of([&] { sequence.feed(ids[11]); }).what.find("scoring"), std::string::npos);
  *fails = false;
  expect_refused([&] { sequence.feed(ids[11]); }, "token 11");
  expect_refused([&] { sequence.stored(); }, "token 11");
  SequenceGroup group({&sequence});
  expect_refused([&] { group.feed({ids[11]}); }, "token 11");
}

TEST(SequenceWhoseStepFailed, IsNotGivenItsPromptOnceMore) {
  const auto fails = std::make_shared<bool>(true);
  const TestMethod method = failing_method(fails);
  Sequence sequence(tiny().model(), method, holding(method), "one", 30);
  EXPECT_THROW(sequence.prefill(ids_of(10)), Error);
  *fails = false;
  expect_refused([&] { sequence.prefill(ids_of(10)); }, "token 9");
  expect_refused([&] { sequence.feed(3); }, "token 9");
}

// One that fails takes its whole group with it: the others stand between two layers, too.
TEST(SequenceWhoseStepFailed, TakesItsGroupWithIt) {
  const auto fails = std::make_shared<bool>(false);
  const TestMethod failing = failing_method(fails);
  const auto dense = plugin_method("dense");
  Sequence first(tiny().model(), *dense, settings_of(*dense, 30), "one", 30);
  Sequence second(tiny().model(), failing, holding(failing), "two", 30);
  first.prefill(ids_of(7));
  second.prefill(ids_of(10));
  SequenceGroup group({&first, &second});
  *fails = true;
  EXPECT_THROW(group.feed({1, 2}), Error);
  *fails = false;
  expect_refused([&] { first.feed(1); }, "token 7");
  EXPECT_THROW(second.feed(2), Error);
}

// Nothing was fed yet where a method makes no policy.
TEST(Sequence, TakesItsPromptWhereTheMethodMadeAPolicyAfterAll) {
  struct LateMethod : TestMethod {
    LateMethod() : TestMethod(Ranking::kBirthScore) {
      on_birth_scores = [](const PolicyContext&, const EntriesView& entries) {
        return entries.positions().to(at::kFloat).expand({2, entries.size()});
      };
    }
    std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
      return is_there ? TestMethod::make_policy(context) : nullptr;
    }
    bool is_there = false;
  };
  LateMethod method;
  Sequence sequence(tiny().model(), method, holding(method), "one", 30);
  EXPECT_THROW(sequence.prefill(ids_of(10)), Error);
  method.is_there = true;
  sequence.prefill(ids_of(10));
  sequence.feed(3);
  EXPECT_EQ(sequence.sizes().most_entries, 5);
}

}  // namespace
}  // namespace pressroom::sequence_test
