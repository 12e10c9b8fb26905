#include "engine/eviction.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Of entries or steps, far above any model's positions: sums of a few cannot overflow.
constexpr std::int64_t kLargestCount = std::int64_t{1} << 31;

}  // namespace

Candidates evictable(const std::vector<std::int64_t>& positions, const EvictionPlan& plan) {
  const auto first = std::lower_bound(positions.begin(), positions.end(), plan.sinks);
  const auto entries = static_cast<std::int64_t>(positions.size());
  Candidates candidates;
  candidates.begin = first - positions.begin();
  candidates.end = std::max(candidates.begin, entries - plan.recents);
  return candidates;
}

std::vector<std::int64_t> lowest(const float* scores, const Candidates& candidates,
                                 std::int64_t count, const std::string& where) {
  PRESSROOM_ASSERT(0 < count && count <= candidates.end - candidates.begin);
  for (std::int64_t j = candidates.begin; j < candidates.end; ++j) {
    if (std::isnan(scores[j])) {
      throw Error({"a score is NaN", where + ", cache index " + std::to_string(j), "finite scores",
                   "NaN", "mend the method: a NaN cannot be ranked"});
    }
  }
  // A stable order on scores puts the older of two equals first, since entries are in age order.
  if (count == 1) {
    return {std::min_element(scores + candidates.begin, scores + candidates.end) - scores};
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(candidates.end - candidates.begin));
  std::iota(order.begin(), order.end(), candidates.begin);
  const auto lower = [scores](std::int64_t a, std::int64_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a < b;
  };
  std::nth_element(order.begin(), order.begin() + (count - 1), order.end(), lower);
  order.resize(static_cast<std::size_t>(count));
  std::sort(order.begin(), order.end());
  return order;
}

std::vector<std::int64_t> complement(const at::Tensor& kept, std::int64_t entries,
                                     const Candidates& candidates, const std::string& where) {
  const auto refuse = [&](const std::string& what, const std::string& got) {
    throw Error({what, where,
                 "ascending int64 indices below " + std::to_string(entries) +
                     ", all protected entries among them",
                 got, "mend the method's keep()"});
  };
  if (!kept.defined() || kept.dim() != 1 || kept.scalar_type() != at::kLong) {
    refuse("keep() returned no index vector", "another shape or dtype");
  }
  const at::Tensor indices = kept.contiguous();
  const std::int64_t* index = indices.data_ptr<std::int64_t>();
  const std::int64_t* last = index + indices.numel();
  std::vector<std::int64_t> leaving;
  std::int64_t previous = -1;
  for (; index != last; previous = *index++) {
    if (*index <= previous || *index >= entries) {
      refuse("keep() returned impossible indices",
             std::to_string(*index) + " after " + std::to_string(previous));
    }
    for (std::int64_t j = previous + 1; j < *index; ++j) leaving.push_back(j);
  }
  for (std::int64_t j = previous + 1; j < entries; ++j) leaving.push_back(j);
  for (const std::int64_t j : leaving) {
    if (j < candidates.begin || j >= candidates.end) {
      refuse("keep() dropped a protected entry", "cache index " + std::to_string(j) + " dropped");
    }
  }
  return leaving;
}

void check_shape(const at::Tensor& scores, at::IntArrayRef expected, const std::string& where) {
  if (scores.defined() && scores.sizes() == expected) return;
  const auto text = [](at::IntArrayRef sizes) {
    std::string joined;
    for (const std::int64_t size : sizes) {
      joined += (joined.empty() ? "" : ", ") + std::to_string(size);
    }
    return "[" + joined + "]";
  };
  throw Error({"a method returned scores of the wrong shape", where, text(expected),
               scores.defined() ? text(scores.sizes()) : "no tensor", "mend the method"});
}

EvictionPlan checked_plan(const Method& method, std::int64_t budget_tokens,
                          const std::string& name) {
  const std::string label = "method \"" + name + "\"";
  const EvictionPlan plan =
      at_plugin_boundary(label, "planning", "", [&] { return method.plan(budget_tokens); });
  const struct {
    const char* field;
    std::int64_t value;
    std::int64_t least;
  } counts[] = {{"sinks", plan.sinks, 0},
                {"recents", plan.recents, 0},
                {"interval", plan.interval, 1},
                {"query_window", plan.needs.query_window, 0}};
  for (const auto& count : counts) {
    if (count.value >= count.least && count.value <= kLargestCount) continue;
    throw Error({label + " plans the impossible", "budget " + std::to_string(budget_tokens),
                 std::string(count.field) + " in " + std::to_string(count.least) + " .. " +
                     std::to_string(kLargestCount),
                 std::to_string(count.value), "correct its parameters, or mend its plan()"});
  }
  if (plan.ranking == Ranking::kSignal && plan.signal == Signal::kNone) {
    throw Error({label + " ranks by a signal and names none", "", "EvictionPlan::signal set",
                 "Signal::kNone", "mend its plan()"});
  }
  return plan;
}

void check_budget(const EvictionPlan& plan, std::int64_t budget_tokens, const std::string& method) {
  const std::int64_t least = plan.sinks + std::max<std::int64_t>(plan.recents, 1);
  if (plan.ranking == Ranking::kNone || budget_tokens >= least) return;
  throw Error({"the budget is smaller than what the method protects", method,
               "a budget of at least " + std::to_string(least) + " entries (sinks " +
                   std::to_string(plan.sinks) + ", recent " + std::to_string(plan.recents) + ")",
               std::to_string(budget_tokens) + " entries",
               "lower the sparsity, raise the context, or protect less"});
}

}  // namespace pressroom
