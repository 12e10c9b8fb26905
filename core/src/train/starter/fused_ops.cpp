#include "train/starter/fused_ops.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

namespace pressroom {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr std::int64_t kRowsPerTask = 64;

struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            double eps) {
    const std::int64_t rows = x.size(0), size = x.size(1);
    const at::Tensor y = at::empty_like(x), scale = at::empty({rows}, x.options());
    const float* in = x.data_ptr<float>();
    const float* w = weight.data_ptr<float>();
    float* out = y.data_ptr<float>();
    float* s = scale.data_ptr<float>();
    at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin; r < end; ++r) {
        const float* row = in + r * size;
        double sum = 0;
        for (std::int64_t i = 0; i < size; ++i) sum += static_cast<double>(row[i]) * row[i];
        s[r] = static_cast<float>(1.0 / std::sqrt(sum / static_cast<double>(size) + eps));
        for (std::int64_t i = 0; i < size; ++i) out[r * size + i] = w[i] * (row[i] * s[r]);
      }
    });
    ctx->save_for_backward({x, weight, scale});
    return y;
  }

  // With z = x s: dx = s (w dy - z mean(w dy z)), dw = sum over rows of dy z.
  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    const variable_list saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &scale = saved[2];
    const at::Tensor dy = upstream[0].contiguous();
    const std::int64_t rows = x.size(0), size = x.size(1);
    const std::int64_t tasks = at::divup(rows, kRowsPerTask);
    const at::Tensor dx = at::empty_like(x), dw = at::zeros({tasks, size}, x.options());
    const float *px = x.data_ptr<float>(), *pw = weight.data_ptr<float>();
    const float *ps = scale.data_ptr<float>(), *pdy = dy.data_ptr<float>();
    float *pdx = dx.data_ptr<float>(), *pdw = dw.data_ptr<float>();
    at::parallel_for(0, tasks, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t r = begin * kRowsPerTask; r < std::min(rows, end * kRowsPerTask); ++r) {
        const float *row = px + r * size, *g = pdy + r * size;
        // A sum for each task: rows are then added in one order on any number of threads.
        float* partial = pdw + r / kRowsPerTask * size;
        double dot = 0;
        for (std::int64_t i = 0; i < size; ++i) dot += static_cast<double>(pw[i] * g[i]) * row[i];
        const float s = ps[r];
        const float pull = static_cast<float>(dot) * s * s / static_cast<float>(size);
        for (std::int64_t i = 0; i < size; ++i) {
          pdx[r * size + i] = s * (pw[i] * g[i] - row[i] * pull);
          partial[i] += g[i] * row[i] * s;
        }
      }
    });
    return {dx, dw.sum(0), at::Tensor()};
  }
};

// direction +1 rotates by the position's angle, -1 back.
at::Tensor rotated(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin,
                   std::int64_t length, std::int64_t heads, float direction) {
  const std::int64_t rows = x.size(0), columns = x.size(1), half = cos.size(1);
  const at::Tensor y = at::empty_like(x);
  const float *in = x.data_ptr<float>(), *c = cos.data_ptr<float>(), *s = sin.data_ptr<float>();
  float* out = y.data_ptr<float>();
  at::parallel_for(0, rows, kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      const float *row = in + r * columns, *rc = c + r % length * half, *rs = s + r % length * half;
      float* to = out + r * columns;
      for (std::int64_t h = 0; h < heads; ++h, row += 2 * half, to += 2 * half) {
        for (std::int64_t i = 0; i < half; ++i) {
          const float angle_sin = direction * rs[i];
          to[i] = row[i] * rc[i] - row[i + half] * angle_sin;
          to[i + half] = row[i + half] * rc[i] + row[i] * angle_sin;
        }
      }
      // Behind the heads of queries and keys lie the values, which are not rotated.
      std::copy(row, in + (r + 1) * columns, to);
    }
  });
  return y;
}

struct Rotate : torch::autograd::Function<Rotate> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin, std::int64_t length, std::int64_t heads) {
    ctx->save_for_backward({cos, sin});
    ctx->saved_data["length"] = length;
    ctx->saved_data["heads"] = heads;
    return rotated(x, cos, sin, length, heads, 1.0f);
  }

  static variable_list backward(AutogradContext* ctx, variable_list upstream) {
    const variable_list saved = ctx->get_saved_variables();
    return {rotated(upstream[0].contiguous(), saved[0], saved[1], ctx->saved_data["length"].toInt(),
                    ctx->saved_data["heads"].toInt(), -1.0f),
            at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return RmsNorm::apply(x.contiguous(), weight, eps);
}

at::Tensor rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin,
                  std::int64_t length, std::int64_t heads) {
  return Rotate::apply(x.contiguous(), cos, sin, length, heads);
}

}  // namespace pressroom
