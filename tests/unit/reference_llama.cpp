#include "reference_llama.h"

#include <algorithm>
#include <cmath>

namespace pressroom {
namespace {

using Vector = std::vector<double>;

// The vector x turned to `position`: channels i and i + d/2 are a plane, turned by
// position * theta^(-2i/d).
Vector rotated(const Vector& x, std::int64_t position, double theta) {
  const std::size_t half = x.size() / 2;
  Vector out(x.size());
  for (std::size_t i = 0; i < half; ++i) {
    const double angle = static_cast<double>(position) *
                         std::pow(theta, -static_cast<double>(i) / static_cast<double>(half));
    out[i] = x[i] * std::cos(angle) - x[i + half] * std::sin(angle);
    out[i + half] = x[i] * std::sin(angle) + x[i + half] * std::cos(angle);
  }
  return out;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Vector slice(const Vector& x, std::int64_t part, std::int64_t width) {
  return Vector(x.begin() + part * width, x.begin() + (part + 1) * width);
}

class Reference {
 public:
  Reference(const TinyShape& shape, const TinyWeights& weights, const ReferenceRule& rule,
            bool by_index)
      : shape_(shape), weights_(weights), rule_(rule), by_index_(by_index) {}

  ReferenceRun run(const std::vector<std::int64_t>& ids) {
    for (const std::int64_t id : ids) x_.push_back(row("model.embed_tokens.weight", id));
    for (std::int64_t layer = 0; layer < shape_.layers; ++layer) {
      prefix_ = "model.layers." + std::to_string(layer) + ".";
      attend();
      feed_forward();
    }
    for (std::size_t t = 0; t + 1 < ids.size(); ++t) run_.nll_nats.push_back(nll(t, ids[t + 1]));
    return run_;
  }

 private:
  Vector row(const std::string& name, std::int64_t index) const {
    const TinyTensor& tensor = weights_.at(name);
    const std::int64_t width = tensor.shape[1];
    return Vector(tensor.values.begin() + index * width,
                  tensor.values.begin() + (index + 1) * width);
  }

  Vector norm(const Vector& x, const std::string& name) const {
    const double mean_square = dot(x, x) / static_cast<double>(x.size());
    Vector out;
    for (std::size_t i = 0; i < x.size(); ++i) {
      out.push_back(x[i] / std::sqrt(mean_square + kTinyNormEpsilon) *
                    static_cast<double>(weights_.at(name).values[i]));
    }
    return out;
  }

  Vector project(const Vector& x, const std::string& name) const {
    const auto bias = weights_.find(name + ".bias");
    Vector out;
    for (std::int64_t i = 0; i < weights_.at(name + ".weight").shape[0]; ++i) {
      out.push_back(dot(row(name + ".weight", i), x));
      if (bias != weights_.end()) out.back() += static_cast<double>(bias->second.values[i]);
    }
    return out;
  }

  void attend() {
    std::vector<ReferenceEntries> heads(static_cast<std::size_t>(shape_.kv_heads));
    for (std::size_t t = 0; t < x_.size(); ++t) {
      const Vector input = norm(x_[t], prefix_ + "input_layernorm.weight");
      const Vector queries = project(input, prefix_ + "self_attn.q_proj");
      const Vector keys = project(input, prefix_ + "self_attn.k_proj");
      const Vector values = project(input, prefix_ + "self_attn.v_proj");
      Vector attention;
      for (std::int64_t head = 0; head < shape_.kv_heads; ++head) {
        ReferenceEntries& entries = heads[head];
        entries.push_back({static_cast<std::int64_t>(t), slice(keys, head, shape_.head_dim),
                           slice(values, head, shape_.head_dim), 0});
        const std::int64_t group = shape_.query_heads / shape_.kv_heads;
        for (std::int64_t q = head * group; q < (head + 1) * group; ++q) {
          const Vector out = attend_row(slice(queries, q, shape_.head_dim), entries);
          attention.insert(attention.end(), out.begin(), out.end());
        }
        const std::int64_t leaving = rule_(entries);
        if (leaving >= 0) entries.erase(entries.begin() + leaving);
      }
      add(x_[t], project(attention, prefix_ + "self_attn.o_proj"));
    }
    auto& kept = run_.kept.emplace_back();
    for (const ReferenceEntries& entries : heads) {
      auto& positions = kept.emplace_back();
      for (const ReferenceEntry& entry : entries) positions.push_back(entry.position);
    }
  }

  // softmax(q k^T / sqrt(d)) v over the entries present.
  Vector attend_row(const Vector& query, ReferenceEntries& entries) const {
    const auto at = [&](std::size_t j) {
      return by_index_ ? static_cast<std::int64_t>(j) : entries[j].position;
    };
    const Vector q = rotated(query, at(entries.size() - 1), shape_.rope_theta);
    Vector weights;
    double sum = 0;
    for (std::size_t j = 0; j < entries.size(); ++j) {
      const Vector k = rotated(entries[j].key, at(j), shape_.rope_theta);
      weights.push_back(std::exp(dot(q, k) / std::sqrt(static_cast<double>(shape_.head_dim))));
      sum += weights.back();
    }
    Vector out(query.size());
    for (std::size_t j = 0; j < entries.size(); ++j) {
      entries[j].attention += weights[j] / sum;
      for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] += weights[j] / sum * entries[j].value[i];
      }
    }
    return out;
  }

  void feed_forward() {
    for (Vector& x : x_) {
      const Vector input = norm(x, prefix_ + "post_attention_layernorm.weight");
      const Vector gate = project(input, prefix_ + "mlp.gate_proj");
      Vector up = project(input, prefix_ + "mlp.up_proj");
      for (std::size_t i = 0; i < up.size(); ++i) up[i] *= gate[i] / (1 + std::exp(-gate[i]));
      add(x, project(up, prefix_ + "mlp.down_proj"));
    }
  }

  double nll(std::size_t t, std::int64_t target) const {
    const Vector x = norm(x_[t], "model.norm.weight");
    double sum = 0;
    for (std::int64_t id = 0; id < shape_.vocabulary; ++id) sum += std::exp(logit(x, id));
    return std::log(sum) - logit(x, target);
  }
  double logit(const Vector& x, std::int64_t id) const {
    return dot(row(shape_.tied_embeddings ? "model.embed_tokens.weight" : "lm_head.weight", id), x);
  }

  static void add(Vector& x, const Vector& y) {
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += y[i];
  }

  const TinyShape& shape_;
  const TinyWeights& weights_;
  const ReferenceRule& rule_;
  bool by_index_;
  std::string prefix_;
  std::vector<Vector> x_;  // [T][D], the residual stream
  ReferenceRun run_;
};

// Over `budget`, the first of the lowest scores outside the sinks and the last `recents`.
ReferenceRule drop_lowest(std::int64_t budget, std::int64_t sinks, std::int64_t recents,
                          double (*score)(const ReferenceEntry&)) {
  return [=](const ReferenceEntries& entries) {
    const auto size = static_cast<std::int64_t>(entries.size());
    if (size <= budget) return std::int64_t{-1};
    std::int64_t lowest = sinks;
    for (std::int64_t j = sinks; j < size - recents; ++j) {
      if (score(entries[j]) < score(entries[lowest])) lowest = j;
    }
    return lowest;
  };
}

}  // namespace

double ReferenceEntry::key_norm() const { return std::sqrt(dot(key, key)); }

ReferenceRun reference_run(const TinyShape& shape, const TinyWeights& weights,
                           const std::vector<std::int64_t>& ids, const ReferenceRule& rule,
                           bool by_index) {
  return Reference(shape, weights, rule, by_index).run(ids);
}

ReferenceRule keep_all() {
  return [](const ReferenceEntries&) { return std::int64_t{-1}; };
}

ReferenceRule keep_window(std::int64_t budget, std::int64_t sinks) {
  return [=](const ReferenceEntries& entries) {
    return static_cast<std::int64_t>(entries.size()) > budget ? sinks : std::int64_t{-1};
  };
}

ReferenceRule keep_attended(std::int64_t budget, std::int64_t sinks, std::int64_t recents) {
  return drop_lowest(budget, sinks, recents,
                     [](const ReferenceEntry& entry) { return entry.attention; });
}

ReferenceRule keep_small_keys(std::int64_t budget, std::int64_t sinks, std::int64_t recents) {
  return drop_lowest(budget, sinks, recents,
                     [](const ReferenceEntry& entry) { return -entry.key_norm(); });
}

}  // namespace pressroom
