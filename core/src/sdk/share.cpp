#include "pressroom/share.h"

namespace pressroom {

ParameterSpec share_parameter(Share default_share) {
  const char* names[] = {"kv_head", "layer", "model"};
  return string("share", names[static_cast<int>(default_share)])
      .one_of({"kv_head", "layer", "model"})
      .help("heads that hold the same entries, chosen by the mean over them");
}

Share share_of(const Parameters& parameters) {
  const std::string& name = parameters.string("share");
  if (name == "layer") return Share::kLayer;
  return name == "model" ? Share::kModel : Share::kKvHead;
}

void set_share(EvictionPlan& plan, Share share) {
  plan.share = share;
  plan.couples_layers = plan.couples_layers || share == Share::kModel;
}

}  // namespace pressroom
