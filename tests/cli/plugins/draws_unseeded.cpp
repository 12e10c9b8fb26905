// Keeps entries at random, by numbers from a generator that goes on from call to call.
#include <ATen/ATen.h>

#include <cstdlib>
#include <random>
#include <string>

#include "pressroom/plugin.h"

namespace {

class DrawsUnseededPolicy : public pressroom::Policy {
 public:
  explicit DrawsUnseededPolicy(std::string from) : from_(std::move(from)) {}

  at::Tensor birth_scores(const pressroom::EntriesView& entries) override {
    return drawn(entries.keys().size(0) * entries.size()).view({-1, entries.size()});
  }
  at::Tensor score(const pressroom::HeadView& head) override { return drawn(head.size()); }

 private:
  at::Tensor drawn(std::int64_t count) const {
    if (from_ == "torch") return at::rand({count});
    at::Tensor numbers = at::empty({count}, at::kFloat);
    std::random_device device;
    for (std::int64_t i = 0; i < count; ++i) {
      const unsigned number = from_ == "rand" ? static_cast<unsigned>(std::rand()) : device();
      numbers.data_ptr<float>()[i] = static_cast<float>(number % 4096);
    }
    return numbers;
  }

  std::string from_;
};

class DrawsUnseeded : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override {
    return {"draws from a generator of the process",
            "",
            {pressroom::string("from", "rand", "which").one_of({"rand", "device", "torch"}),
             pressroom::boolean("at_birth", false, "scores of birth")}};
  }
  void configure(const pressroom::Parameters& parameters) override {
    from_ = parameters.string("from");
    at_birth_ = parameters.boolean("at_birth");
  }
  pressroom::EvictionPlan plan(std::int64_t) const override {
    pressroom::EvictionPlan plan;
    plan.ranking = at_birth_ ? pressroom::Ranking::kBirthScore : pressroom::Ranking::kScore;
    return plan;
  }
  std::unique_ptr<pressroom::Policy> make_policy(const pressroom::PolicyContext&) const override {
    return std::make_unique<DrawsUnseededPolicy>(from_);
  }

 private:
  std::string from_;
  bool at_birth_ = false;
};

}  // namespace

PRESSROOM_METHOD(DrawsUnseeded, "draws_unseeded", "1.0.0")
