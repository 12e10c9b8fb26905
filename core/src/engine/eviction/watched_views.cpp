#include "engine/eviction/watched_views.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <functional>
#include <string_view>

namespace pressroom {
namespace {

// Each holds memory until the call returns.
constexpr std::size_t kMostCopies = 64;

// Whether the tensor lies in memory of the engine's rather than in its own.
bool is_borrowed(const at::Tensor& tensor) {
  return tensor.storage().data_ptr().get_context() == nullptr;
}

std::size_t checksum(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.contiguous();
  return std::hash<std::string_view>()(
      {static_cast<const char*>(dense.data_ptr()), dense.nbytes()});
}

}  // namespace

at::Tensor ShownTensors::note(const char* what, at::Tensor tensor) {
  if (!tensor.defined()) return tensor;
  const bool is_known = std::any_of(shown_.begin(), shown_.end(), [&](const Shown& shown) {
    return shown.tensor.data_ptr() == tensor.data_ptr() && shown.tensor.sizes() == tensor.sizes();
  });
  // Of a view that is shown again the sum taken the first time stays: nobody had touched it then.
  if (is_known || (shown_.size() >= kMostCopies && !is_borrowed(tensor))) return tensor;
  shown_.push_back({what, tensor, checksum(tensor)});
  return tensor;
}

std::string ShownTensors::written() const {
  for (const Shown& shown : shown_) {
    if (checksum(shown.tensor) != shown.sum) return shown.what;
  }
  return "";
}

}  // namespace pressroom
