// The parameter `share`: which heads hold the same entries.
//
//   PluginInfo describe() const override { return {"...", "...", {share_parameter()}}; }
//   void configure(const Parameters& p) override { share_ = share_of(p); }
//   EvictionPlan plan(std::int64_t budget_tokens) const override {
//     EvictionPlan plan;
//     set_share(plan, share_);
//     return plan;
//   }
#pragma once

#include "pressroom/method.h"
#include "pressroom/parameters.h"

namespace pressroom {

// `share`, one of kv_head (each KV head chooses for itself), layer (the KV heads of a layer hold
// the same entries) and model (all heads of all layers do).
ParameterSpec share_parameter(Share default_share = Share::kKvHead);

// What `parameters` say under `share`.
Share share_of(const Parameters& parameters);

// Puts it into `plan`. Sharing over the model couples its layers: decode engine only.
void set_share(EvictionPlan& plan, Share share);

}  // namespace pressroom
