#include "pressroom/wrapper.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/strings.h"
#include "pressroom/error.h"
#include "pressroom/subset_view.h"

namespace pressroom {

SubsetHead::SubsetHead(const HeadView& whole, at::Tensor indices)
    : whole_(whole), indices_(std::move(indices)) {
  PRESSROOM_ASSERT(indices_.dim() == 1 && indices_.scalar_type() == at::kLong);
}

at::Tensor SubsetHead::tensor(Quantity quantity) const {
  // Under cache_index queries are rotated to the place of an entry among all, which a part does not
  // know; until the first entry leaves, places and original positions are the same.
  if (quantity == Quantity::kQueries &&
      whole_.next_position() != whole_.positions()[-1].item<std::int64_t>() + 1) {
    throw Error({"queries cannot be held against a part of the cache", "",
                 "positions: original, where a query and an entry know their distance",
                 "cache_index, after an eviction",
                 "run with original positions, or without the wrapper that looks at parts"});
  }
  const at::Tensor all = whole_.tensor(quantity);
  return has_row_per_entry(quantity) ? all.index_select(0, indices_) : all;
}

SubsetLayer::SubsetLayer(const LayerView& whole, const std::vector<at::Tensor>& indices)
    : whole_(whole) {
  PRESSROOM_ASSERT(static_cast<std::int64_t>(indices.size()) == whole.kv_heads());
  heads_.reserve(indices.size());
  for (std::size_t h = 0; h < indices.size(); ++h) {
    heads_.emplace_back(whole.head(static_cast<std::int64_t>(h)), indices[h]);
  }
}

namespace {

std::string place(const HeadView& head) { return "KV head " + std::to_string(head.kv_head()); }

// `scores` as contiguous float32 in host memory, after checking them.
at::Tensor checked(const at::Tensor& scores, const HeadView& head) {
  if (!scores.defined() || scores.dim() != 1 || scores.size(0) != head.size()) {
    throw Error({"an inner method returned scores of the wrong shape", place(head),
                 "[" + std::to_string(head.size()) + "]",
                 scores.defined() ? std::to_string(scores.numel()) + " numbers" : "no tensor",
                 "fix the inner method"});
  }
  const at::Tensor floats = scores.to(at::kCPU, at::kFloat).contiguous();
  const float* score = floats.data_ptr<float>();
  const auto is_nan = [](float x) { return std::isnan(x); };
  const float* bad = std::find_if(score, score + head.size(), is_nan);
  if (bad == score + head.size()) return floats;
  throw Error({"a score is NaN", place(head) + ", cache index " + std::to_string(bad - score),
               "finite scores", "NaN", "fix the inner method: a NaN cannot be ranked"});
}

Indices checked_indices(const at::Tensor& kept, const HeadView& head) {
  if (!kept.defined() || kept.dim() != 1 || kept.scalar_type() != at::kLong) {
    throw Error({"an inner method's keep() returned no index vector", place(head),
                 "ascending int64 indices", "another shape or dtype", "fix its keep()"});
  }
  const at::Tensor indices = kept.contiguous();
  const std::int64_t* index = indices.data_ptr<std::int64_t>();
  return Indices(index, index + indices.numel());
}

void check_count(std::size_t given, const LayerView& layer, const char* function) {
  if (static_cast<std::int64_t>(given) == layer.kv_heads()) return;
  throw Error({std::string("an inner method's ") + function + " left out heads", "",
               std::to_string(layer.kv_heads()) + " tensors", std::to_string(given),
               "fix the inner method"});
}

}  // namespace

void Wrapper::configure(const Parameters& parameters) { inner_ = parameters.method(); }

void Wrapper::bind(const ModelContext& context) { inner_->bind(context); }

std::vector<std::string> Wrapper::files() const { return inner_->files(); }

void Wrapper::refuse_inner(const std::string& why, const std::string& expected) const {
  throw Error({why, "parameter inner", expected, "one that " + inner_->describe().summary,
               "name another method under inner"});
}

EvictionPlan Wrapper::plan_around_scores(std::int64_t budget_tokens, Ranking ranking) const {
  EvictionPlan plan = inner_->plan(budget_tokens);
  if (plan.ranking == Ranking::kNone || plan.ranking == Ranking::kKeep) {
    refuse_inner(plan.ranking == Ranking::kNone
                     ? "the inner method ranks nothing"
                     : "the inner method decides by itself what to keep, and gives no scores",
                 "a method that scores entries");
  }
  if (plan.zeroes_channels) {
    refuse_inner("the inner method zeroes channels, which no wrapper of scores passes on",
                 "a method that scores entries");
  }
  // Before the ranking is replaced, which alone may have said that birth scores are needed.
  plan.birth_scores = plan.birth_scores || plan.ranking == Ranking::kBirthScore;
  plan.ranking = ranking;
  return plan;
}

void Wrapper::refuse_coupled_layers(const EvictionPlan& plan, const std::string& why) const {
  if (!plan.couples_layers && plan.share != Share::kModel) return;
  refuse_inner(why, "a method that looks at one layer");
}

InnerPolicy::InnerPolicy(const Method& inner, const PolicyContext& context)
    : plan_(inner.plan(context.budget_tokens)), policy_(inner.make_policy(context)) {
  if (policy_ != nullptr) return;
  throw Error({"the inner method makes no policy", "layer " + std::to_string(context.layer),
               "a policy", "null", "fix its make_policy()"});
}

at::Tensor InnerPolicy::scored(const HeadView& head) {
  switch (plan_.ranking) {
    case Ranking::kBirthScore:
      return checked(head.birth_scores(), head);
    case Ranking::kSignal:
      return checked(head.signal(), head);
    default:
      PRESSROOM_ASSERT(plan_.ranking == Ranking::kScore);
      return checked(policy_->score(head), head);
  }
}

at::Tensor InnerPolicy::score(const HeadView& head) {
  ranked_by_ = {scored(head)};
  return ranked_by_.front();
}

std::vector<at::Tensor> InnerPolicy::scores(const LayerView& layer) {
  std::vector<at::Tensor> scores;
  if (plan_.ranking == Ranking::kScore && plan_.couples_heads) {
    scores = policy_->score_layer(layer);
    check_count(scores.size(), layer, "score_layer()");
    for (std::size_t h = 0; h < scores.size(); ++h) {
      scores[h] = checked(scores[h], layer.head(static_cast<std::int64_t>(h)));
    }
  } else {
    for (std::int64_t h = 0; h < layer.kv_heads(); ++h) scores.push_back(scored(layer.head(h)));
  }
  ranked_by_ = scores;
  return scores;
}

std::vector<at::Tensor> InnerPolicy::padded_scores(const LayerView& layer) {
  std::vector<at::Tensor> all = scores(layer);
  if (plan_.sinks == 0 && plan_.recents == 0) return all;
  std::vector<IndexRange> ranges;
  float largest = -std::numeric_limits<float>::infinity();
  for (std::size_t h = 0; h < all.size(); ++h) {
    ranges.push_back(
        evictable(layer.head(static_cast<std::int64_t>(h)), plan_.sinks, plan_.recents));
    const float* score = all[h].data_ptr<float>();
    for (std::int64_t j = ranges[h].begin; j < ranges[h].end; ++j) {
      largest = std::max(largest, score[j]);
    }
  }
  // Plus 1, as kvpress; the next float where 1 is lost in rounding. Nothing is above infinity; and
  // where no other score is above -inf, 0 is.
  const float top =
      std::isinf(largest)
          ? std::max(largest, 0.0F)
          : std::max(largest + 1, std::nextafter(largest, std::numeric_limits<float>::infinity()));
  for (std::size_t h = 0; h < all.size(); ++h) {
    all[h] = all[h].clone();
    float* score = all[h].data_ptr<float>();
    std::fill(score, score + ranges[h].begin, top);
    std::fill(score + ranges[h].end, score + all[h].numel(), top);
  }
  return all;
}

Indices InnerPolicy::protected_entries(const HeadView& head) const {
  const IndexRange free = evictable(head, plan_.sinks, plan_.recents);
  return merged(indices_of({0, free.begin}), indices_of({free.end, head.size()}));
}

Indices InnerPolicy::keep(const HeadView& head, const at::Tensor& scores,
                          std::int64_t budget_tokens) const {
  const IndexRange free = evictable(head, plan_.sinks, plan_.recents);
  const std::int64_t places = budget_tokens - (head.size() - free.size());
  return merged(protected_entries(head), highest(scores.data_ptr<float>(), free, places));
}

std::vector<Indices> InnerPolicy::keep(const LayerView& layer,
                                       const std::vector<at::Tensor>& scores,
                                       std::int64_t budget_tokens) const {
  std::vector<Indices> kept;
  for (std::size_t h = 0; h < scores.size(); ++h) {
    kept.push_back(keep(layer.head(static_cast<std::int64_t>(h)), scores[h], budget_tokens));
  }
  return kept;
}

// `ranks`: what decided, where scores did.
Indices InnerPolicy::kept(const HeadView& head, std::int64_t budget_tokens, at::Tensor& ranks) {
  if (plan_.ranking == Ranking::kKeep) {
    const at::Tensor indices = policy_->keep(head);
    const std::vector<at::Tensor> by = policy_->ranked_by();
    if (by.size() == 1) ranks = by.front();
    return checked_indices(indices, head);
  }
  if (plan_.ranking == Ranking::kNone || head.size() <= budget_tokens) {
    return indices_of({0, head.size()});
  }
  ranks = scored(head);
  return keep(head, ranks, budget_tokens);
}

Indices InnerPolicy::keep(const HeadView& head, std::int64_t budget_tokens) {
  ranked_by_.assign(1, at::Tensor());
  return kept(head, budget_tokens, ranked_by_.front());
}

std::vector<Indices> InnerPolicy::keep(const LayerView& layer, std::int64_t budget_tokens) {
  std::vector<Indices> kept;
  const auto heads = layer.kv_heads();
  bool is_over = false;
  for (std::int64_t h = 0; h < heads; ++h) is_over |= layer.head(h).size() > budget_tokens;
  if (plan_.couples_heads && plan_.ranking == Ranking::kKeep) {
    const std::vector<at::Tensor> indices = policy_->keep_layer(layer);
    check_count(indices.size(), layer, "keep_layer()");
    ranked_by_ = policy_->ranked_by();
    for (std::int64_t h = 0; h < heads; ++h) {
      kept.push_back(checked_indices(indices[static_cast<std::size_t>(h)], layer.head(h)));
    }
  } else if (plan_.couples_heads && plan_.ranking == Ranking::kScore && is_over) {
    kept = keep(layer, scores(layer), budget_tokens);
  } else {
    // Heads coupled by their scores come here when none is over the budget: kept() leaves them
    // whole, and asks for no score.
    ranked_by_.assign(static_cast<std::size_t>(heads), at::Tensor());
    for (std::int64_t h = 0; h < heads; ++h) {
      kept.push_back(
          this->kept(layer.head(h), budget_tokens, ranked_by_[static_cast<std::size_t>(h)]));
    }
  }
  return kept;
}

void InnerPolicy::protect(std::int64_t sinks, std::int64_t recents) {
  plan_.sinks = std::max(plan_.sinks, sinks);
  plan_.recents = std::max(plan_.recents, recents);
}

BudgetPolicy::BudgetPolicy(const Method& inner, const PolicyContext& context)
    : WrapperPolicy(inner, context), budget_tokens_(context.budget_tokens) {
  const EvictionPlan& plan = inner_.plan();
  if (budget_tokens_ >= least_entries(plan)) return;
  throw Error(
      {"a layer would be left with too few entries", "layer " + std::to_string(context.layer),
       "at least " + counted(least_entries(plan), "entry", "entries") + " a KV head (sinks " +
           std::to_string(plan.sinks) + ", recent " + std::to_string(plan.recents) + ")",
       std::to_string(budget_tokens_),
       "leave this layer more, take a longer prompt, or protect less"});
}

at::Tensor BudgetPolicy::keep(const HeadView& head) {
  return to_tensor(inner_.keep(head, budget_tokens_));
}

std::vector<at::Tensor> BudgetPolicy::keep_layer(const LayerView& layer) {
  return to_tensors(inner_.keep(layer, budget_tokens_));
}

}  // namespace pressroom
