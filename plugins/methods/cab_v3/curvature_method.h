// What the two methods by curvature have in common.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "key_graph.h"
#include "pressroom/declared_method.h"

namespace pressroom {

template <typename Self, Ranking kRanking>
struct CurvatureMethod : StatefulMethod<Self, kRanking> {
  std::int64_t n_sink = 0;
  TokensOrFraction recent;
  double lambda_redundancy = 0;
  std::string direction;
  Share share = Share::kKvHead;

  static Declaration<Self> declaration_of(const std::string& summary) {
    return Declaration<Self>(summary)
        .sinks(&CurvatureMethod::n_sink, 0)
        .recents(&CurvatureMethod::recent, 0)
        .parameter(&CurvatureMethod::lambda_redundancy,
                   number("lambda_redundancy", 0.3, "weight of an edge's detours in its curvature")
                       .at_least(0))
        .parameter(&CurvatureMethod::direction,
                   string("direction", "high", "curvature that stays; low for bridges")
                       .one_of({"high", "low"}))
        .share(&CurvatureMethod::share)
        .needs(&Needs::keys_before_rope);
  }
};

// Keeps the graphs from event to event.
template <typename Self>
struct CurvaturePolicy : PolicyOf<Self> {
  using PolicyOf<Self>::PolicyOf;

  // A score of each entry, higher stays.
  std::vector<float> curvature(const HeadView& head) {
    std::vector<float> scores =
        graphs[head.kv_head()].curvature(head, this->method.lambda_redundancy);
    if (this->method.direction == "low") {
      std::transform(scores.begin(), scores.end(), scores.begin(), std::negate<>());
    }
    return scores;
  }

  std::map<std::int64_t, KeyGraph> graphs;  // by KV head
};

}  // namespace pressroom
