#include "train/kvzap/kvzap_fit.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "pressroom/error.h"

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
  // Centred before alpha is added, so that it holds down the weights and not the bias.
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

namespace {

constexpr double kPi = 3.14159265358979323846;

// What inputs and targets are divided by and centred at.
struct Standard {
  at::Tensor mean, deviation;  // float32
};

Standard standard_of(const at::Tensor& sum, const at::Tensor& squares, std::int64_t count) {
  const at::Tensor mean = sum / count;
  const at::Tensor variance = (squares / count - mean * mean).clamp_min(0);
  const at::Tensor deviation = variance.sqrt();
  // A channel that is always the same says nothing, and is not divided by its rounding.
  return {mean.to(at::kFloat),
          at::where(deviation > 1e-6 * (mean.abs() + 1e-6), deviation, at::ones_like(deviation))
              .to(at::kFloat)};
}

class MlpFit {
 public:
  MlpFit(const KvzapTask& task, const KvzapMlpRecipe& recipe, const RandomKey& random,
         const std::function<void()>& before_batch)
      : task_(task),
        recipe_(recipe),
        random_(random),
        before_batch_(before_batch),
        first_(task.tests + task.validations),
        count_(task.inputs.size(0) - first_),
        batches_((count_ + recipe.batch - 1) / recipe.batch) {
    measure();
    const std::int64_t inputs = task.inputs.size(1);
    const std::int64_t outputs = task.targets.size(1);
    parameters_ = {drawn({recipe.hidden, inputs}, "hidden"), at::zeros({recipe.hidden}),
                   drawn({outputs, recipe.hidden}, "output"), at::zeros({outputs})};
    for (const at::Tensor& parameter : parameters_) {
      first_moments_.push_back(at::zeros_like(parameter));
      second_moments_.push_back(at::zeros_like(parameter));
    }
  }

  KvzapModule run() {
    std::vector<at::Tensor> best;
    double best_error = std::numeric_limits<double>::infinity();
    std::int64_t since_best = 0;
    for (std::int64_t epoch = 0; epoch < recipe_.epochs && since_best < recipe_.patience; ++epoch) {
      run_epoch(epoch);
      const double error = validation_error();
      ++since_best;
      // Negated, so that an error of NaN is never the best.
      if (!(error < best_error)) continue;
      best_error = error;
      since_best = 0;
      best.clear();
      for (const at::Tensor& parameter : parameters_) best.push_back(parameter.clone());
    }
    if (best.empty()) {
      throw Error(
          {"the scorer could not be trained", "", "a finite error on the validation windows",
           "none in " + std::to_string(recipe_.epochs) + " epochs: it diverged", "lower --rate"});
    }
    parameters_ = best;
    return unstandardised();
  }

 private:
  // Uniform in +-1/sqrt(columns).
  at::Tensor drawn(at::IntArrayRef shape, const char* name) const {
    at::Tensor values = at::empty(shape, at::kFloat);
    const RandomKey key = random_.with(name);
    const double reach = 1 / std::sqrt(static_cast<double>(shape[1]));
    auto* value = values.data_ptr<float>();
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      value[i] = static_cast<float>((2 * key.with(i).uniform() - 1) * reach);
    }
    return values;
  }

  void measure() {
    at::Tensor sum_x, squares_x, sum_y, squares_y;
    const auto add = [](at::Tensor& total, const at::Tensor& part) {
      total = total.defined() ? total + part : part;
    };
    for_rows(task_, first_, first_ + count_, at::kDouble,
             [&](const at::Tensor& x, const at::Tensor& y) {
               add(sum_x, x.sum(0));
               add(squares_x, (x * x).sum(0));
               add(sum_y, y.sum(0));
               add(squares_y, (y * y).sum(0));
             });
    x_ = standard_of(sum_x, squares_x, count_);
    y_ = standard_of(sum_y, squares_y, count_);
  }

  at::Tensor standard_inputs(const at::Tensor& x) const {
    return (x.to(at::kFloat) - x_.mean) / x_.deviation;
  }
  at::Tensor standard_targets(const at::Tensor& y) const { return (y - y_.mean) / y_.deviation; }

  std::vector<std::int64_t> shuffled(std::int64_t epoch) const {
    std::vector<std::int64_t> rows(static_cast<std::size_t>(count_));
    std::iota(rows.begin(), rows.end(), first_);
    const RandomKey key = random_.with("order").with(epoch);
    for (std::int64_t i = count_ - 1; i > 0; --i) {
      std::swap(rows[i], rows[key.with(i).bits() % static_cast<std::uint64_t>(i + 1)]);
    }
    return rows;
  }

  void run_epoch(std::int64_t epoch) {
    const at::Tensor rows = at::tensor(shuffled(epoch), at::kLong);
    for (std::int64_t batch = 0; batch < batches_; ++batch) {
      before_batch_();
      const std::int64_t begin = batch * recipe_.batch;
      const at::Tensor chosen = rows.narrow(0, begin, std::min(recipe_.batch, count_ - begin));
      update(standard_inputs(task_.inputs.index_select(0, chosen)),
             standard_targets(task_.targets.index_select(0, chosen)));
    }
  }

  void update(const at::Tensor& x, const at::Tensor& y) {
    const at::Tensor before = at::addmm(parameters_[1], x, parameters_[0].t());
    const at::Tensor hidden = at::gelu(before);
    const at::Tensor error = at::addmm(parameters_[3], hidden, parameters_[2].t()) - y;
    const at::Tensor to_output = error * (2.0 / static_cast<double>(error.numel()));
    const at::Tensor to_hidden = at::gelu_backward(at::mm(to_output, parameters_[2]), before);
    step({at::mm(to_hidden.t(), x), to_hidden.sum(0), at::mm(to_output.t(), hidden),
          to_output.sum(0)});
  }

  void step(const std::vector<at::Tensor>& gradients) {
    constexpr double kBeta1 = 0.9, kBeta2 = 0.999, kEpsilon = 1e-8;
    const double done = static_cast<double>(steps_) /
                        static_cast<double>(std::max<std::int64_t>(batches_ * recipe_.epochs, 1));
    const double rate = recipe_.rate * 0.5 * (1 + std::cos(kPi * done));
    ++steps_;
    double square = 0;
    for (const at::Tensor& g : gradients) square += (g * g).sum().item<double>();
    const double clip = std::min(1.0, recipe_.clip_norm / (std::sqrt(square) + 1e-6));
    const double correction1 = 1 - std::pow(kBeta1, steps_);
    const double correction2 = 1 - std::pow(kBeta2, steps_);
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const at::Tensor g = gradients[i] * clip;
      first_moments_[i].mul_(kBeta1).add_(g, 1 - kBeta1);
      second_moments_[i].mul_(kBeta2).addcmul_(g, g, 1 - kBeta2);
      const at::Tensor scale = (second_moments_[i] / correction2).sqrt_().add_(kEpsilon);
      parameters_[i].mul_(1 - rate * recipe_.decay);
      parameters_[i].addcdiv_(first_moments_[i], scale, -rate / correction1);
    }
  }

  double validation_error() const {
    const KvzapModule module = unstandardised();
    double error = 0;
    for_rows(task_, task_.tests, first_, at::kFloat, [&](const at::Tensor& x, const at::Tensor& y) {
      error += ((module.predict(x) - y) / y_.deviation).pow(2).sum().item<double>();
    });
    return error;
  }

  KvzapModule unstandardised() const {
    KvzapModule module;
    module.hidden_weight = parameters_[0] / x_.deviation;
    module.hidden_bias = parameters_[1] - at::mv(module.hidden_weight, x_.mean);
    module.weight = parameters_[2] * y_.deviation.unsqueeze(1);
    module.bias = parameters_[3] * y_.deviation + y_.mean;
    return module;
  }

  const KvzapTask& task_;
  const KvzapMlpRecipe& recipe_;
  RandomKey random_;
  const std::function<void()>& before_batch_;
  std::int64_t first_, count_, batches_;
  Standard x_, y_;
  std::vector<at::Tensor> parameters_, first_moments_, second_moments_;  // W1, b1, W2, b2
  std::int64_t steps_ = 0;
};

}  // namespace

KvzapModule fit_mlp(const KvzapTask& task, const KvzapMlpRecipe& recipe, const RandomKey& random,
                    const std::function<void()>& before_batch) {
  return MlpFit(task, recipe, random, before_batch).run();
}

}  // namespace pressroom
