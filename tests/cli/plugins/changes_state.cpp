// Keeps the newest entries and leaves a setting of the thread or the process changed behind it:
// everything that ran after it would compute in another way.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/GradMode.h>
#include <fenv.h>

#include <clocale>
#include <string>

#include "pressroom/plugin.h"

namespace {

void change(const std::string& what) {
  if (what == "rounding") fesetround(FE_UPWARD);
  if (what == "denormals") at::globalContext().setFlushDenormal(true);
  if (what == "traps") feenableexcept(FE_DIVBYZERO);
  if (what == "threads") at::set_num_threads(at::get_num_threads() + 2);
  if (what == "dtype") at::set_default_dtype(at::scalarTypeToTypeMeta(at::kDouble));
  if (what == "gradients") at::GradMode::set_enabled(!at::GradMode::is_enabled());
  if (what == "determinism") at::globalContext().setDeterministicAlgorithms(true, true);
  if (what == "locale") std::setlocale(LC_ALL, "C.UTF-8");
}

class ChangesStatePolicy : public pressroom::Policy {
 public:
  explicit ChangesStatePolicy(std::string what) : what_(std::move(what)) {}
  at::Tensor birth_scores(const pressroom::EntriesView& entries) override {
    const at::Tensor scores = entries.positions().to(at::kFloat);
    const std::int64_t kv_heads = entries.keys().size(0);
    change(what_);
    return scores.expand({kv_heads, entries.size()});
  }

 private:
  std::string what_;
};

class ChangesState : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"leaves a setting changed",
            "",
            {pressroom::string("what", "rounding", "which setting"),
             pressroom::boolean("at_once", false, "when it is configured")}};
  }
  void configure(const pressroom::Parameters& parameters) override {
    what_ = parameters.string("what");
    if (parameters.boolean("at_once")) change(what_);
  }
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = pressroom::Ranking::kBirthScore;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<ChangesStatePolicy>(what_);
  }

 private:
  std::string what_;
};

}  // namespace

PRESSROOM_METHOD(ChangesState, "changes_state", "1.0.0")
