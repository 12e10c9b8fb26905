// What the tests of the campaign layer share: methods and datasets that do as they are told.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/dataset.h"
#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

// A method with the plan it is given for every budget.
class PlannedMethod : public Method {
 public:
  explicit PlannedMethod(EvictionPlan plan) : plan_(plan) {}
  PluginInfo describe() const override { return {"", "", {}}; }
  EvictionPlan plan(std::int64_t) const override { return plan_; }

 private:
  EvictionPlan plan_;
};

inline EvictionPlan evicting(std::int64_t sinks = 0, std::int64_t recents = 0) {
  EvictionPlan plan;
  plan.ranking = Ranking::kSignal;
  plan.signal = Signal::kCumulativeAttention;
  plan.sinks = sinks;
  plan.recents = recents;
  return plan;
}

// Yields the documents it holds.
class ListReader : public DatasetReader {
 public:
  explicit ListReader(std::vector<Document> documents) : documents_(std::move(documents)) {}
  PluginInfo describe() const override { return {"", "", {}}; }
  std::optional<Document> next() override {
    if (next_ == documents_.size()) return std::nullopt;
    return documents_[next_++];
  }
  void rewind() override { next_ = 0; }

 private:
  std::vector<Document> documents_;
  std::size_t next_ = 0;
};

// The problems that `call` throws; none when it throws no Error.
inline std::vector<Problem> problems_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.problems();
  }
  return {};
}

}  // namespace pressroom
