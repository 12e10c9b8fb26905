#include "train/kvzap/kvzap_fit.h"

#include <ATen/ATen.h>

#include <cmath>

namespace pressroom {

at::Tensor KvzapModule::predict(const at::Tensor& x) const {
  if (!hidden_weight.defined()) return at::addmm(bias, x, weight.t());
  return at::addmm(bias, at::gelu(at::addmm(hidden_bias, x, hidden_weight.t())), weight.t());
}

KvzapModule fit_linear(const KvzapTask& task, double alpha) {
  const std::int64_t inputs = task.inputs.size(1);
  const auto count = static_cast<double>(task.inputs.size(0) - task.tests);
  at::Tensor xx = at::zeros({inputs, inputs}, at::kDouble);
  at::Tensor xy = at::zeros({inputs, task.targets.size(1)}, at::kDouble);
  at::Tensor sum_x = at::zeros({inputs}, at::kDouble);
  at::Tensor sum_y = at::zeros({task.targets.size(1)}, at::kDouble);
  for_rows(task, task.tests, task.inputs.size(0), at::kDouble,
           [&](const at::Tensor& x, const at::Tensor& y) {
             xx.addmm_(x.t(), x);
             xy.addmm_(x.t(), y);
             sum_x += x.sum(0);
             sum_y += y.sum(0);
           });
  const at::Tensor mean_x = sum_x / count;
  const at::Tensor mean_y = sum_y / count;
  xx -= at::outer(sum_x, mean_x);
  xx.diagonal().add_(alpha);
  xy -= at::outer(sum_x, mean_y);
  const at::Tensor weight = at::linalg_solve(xx, xy).t();
  KvzapModule module;
  module.bias = (mean_y - at::mv(weight, mean_x)).to(at::kFloat);
  module.weight = weight.to(at::kFloat).contiguous();
  return module;
}

KvzapFit test_fit(const KvzapModule& module, const KvzapTask& task) {
  std::vector<at::Tensor> predicted;
  for_rows(task, 0, task.tests, at::kFloat,
           [&](const at::Tensor& x, const at::Tensor&) { predicted.push_back(module.predict(x)); });
  const at::Tensor p = at::cat(predicted).to(at::kDouble);
  const at::Tensor t = task.targets.narrow(0, 0, task.tests).to(at::kDouble);
  const at::Tensor p_off = p - p.mean(0);
  const at::Tensor t_off = t - t.mean(0);
  const at::Tensor total = (t_off * t_off).sum(0);
  const at::Tensor r2 = (p_off * t_off).sum(0).square() / ((p_off * p_off).sum(0) * total);
  const at::Tensor determination = 1 - (p - t).square().sum(0) / total;
  KvzapFit fit;
  for (std::int64_t head = 0; head < t.size(1); ++head) {
    // A prediction or a target that is constant explains nothing.
    const double value = r2[head].item<double>();
    fit.r2.push_back(std::isfinite(value) ? value : 0);
    const double share = determination[head].item<double>();
    fit.determination.push_back(std::isfinite(share) ? share : 0);
  }
  return fit;
}

}  // namespace pressroom
