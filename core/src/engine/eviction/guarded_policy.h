// A method's policy with the engine's guards around every call: what it changes in the thread is
// put back and refused (plugin/boundary.h), and, where it is watched, so is writing to what it
// was shown.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "pressroom/method.h"

namespace pressroom {

class GuardedPolicy final : public Policy {
 public:
  // `label` names the method in messages; the policy is that of `document` and `layer`.
  // `reconstruction` is what the policy was made with.
  GuardedPolicy(std::unique_ptr<Policy> policy, std::string label, std::string document,
                std::int64_t layer, bool is_watched, at::Tensor reconstruction);
  ~GuardedPolicy() override;

  // Each as the policy answers it. Throws what the policy throws, and Error where it breaks the
  // rules.
  at::Tensor birth_scores(const EntriesView& entries) override;
  at::Tensor score(const HeadView& head) override;
  std::vector<at::Tensor> score_layer(const LayerView& layer) override;
  at::Tensor keep(const HeadView& head) override;
  std::vector<at::Tensor> keep_layer(const LayerView& layer) override;
  at::Tensor zeroed_channels(const HeadView& head) override;
  std::vector<at::Tensor> ranked_by() const override;
  bool keeps_state() const override;

 private:
  template <typename Watched, typename View, typename Call>
  auto guarded(const char* doing, std::int64_t kv_head, const View& view, Call&& call)
      -> decltype(call(view));

  std::unique_ptr<Policy> policy_;
  std::string label_;
  std::string document_;
  std::int64_t layer_;
  bool is_watched_;
  at::Tensor reconstruction_;
};

}  // namespace pressroom
