#include "engine/reconstruction/reconstruction.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "engine/attention/attention.h"
#include "engine/cache/layer_setup.h"
#include "engine/cache/stored_rows.h"
#include "model/products.h"
#include "model/rotary.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::int64_t kAttendedQueries = 256;  // queries of one product
constexpr std::int64_t kMlpRows = 1024;         // rows that go through the MLP at a time
constexpr std::int64_t kOverlapTokens = 8;      // of the previous chunk, before a later one

// Tokens that are fed one after another behind the first `past` of the prompt.
struct Segment {
  std::int64_t past = 0;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
  // The chunk that is read again, [begin, end) of the prompt, by the last `queries` rows.
  std::int64_t begin = 0, end = 0;
  std::int64_t queries = 0;
  std::int64_t first_query = 0;  // those before it do not count
};

// Everything a second reading feeds: the prompt and its first chunk as one segment, and one for
// each later chunk.
struct ReadingPlan {
  std::vector<std::int64_t> ids;
  std::vector<Segment> segments;
  std::int64_t longest = 0;  // tokens of a segment, its past included
};

ReadingPlan plan_reading(const std::vector<std::int64_t>& prompt,
                         const ContextReconstruction& reading) {
  PRESSROOM_ASSERT(!prompt.empty() && reading.chunk_tokens > 0);
  const auto tokens = static_cast<std::int64_t>(prompt.size());
  ReadingPlan plan;
  plan.ids = prompt;
  for (std::int64_t begin = 0; begin < tokens; begin += reading.chunk_tokens) {
    Segment segment;
    // The first chunk follows the prompt it is read with, so the two are one segment; a later one
    // sees the prompt alone, not the chunks before it, and begins again where the prompt ends.
    segment.past = begin == 0 ? 0 : tokens;
    segment.first_row = begin == 0 ? 0 : static_cast<std::int64_t>(plan.ids.size());
    segment.begin = begin;
    segment.end = std::min(begin + reading.chunk_tokens, tokens);
    const auto first_query = static_cast<std::int64_t>(plan.ids.size());
    const bool is_later = begin > 0 && !reading.between_later.empty();
    const std::vector<std::int64_t>& between = is_later ? reading.between_later : reading.between;
    plan.ids.insert(plan.ids.end(), between.begin(), between.end());
    // A later chunk begins in the middle of things: the last words before it say where.
    plan.ids.insert(plan.ids.end(),
                    prompt.begin() + std::max<std::int64_t>(begin - kOverlapTokens, 0),
                    prompt.begin() + segment.end);
    const auto end = static_cast<std::int64_t>(plan.ids.size());
    segment.rows = end - segment.first_row;
    segment.queries = end - first_query;
    // The chunk's own tokens are the last queries.
    segment.first_query =
        reading.counts_between ? 0 : segment.queries - (segment.end - segment.begin);
    plan.longest = std::max(plan.longest, segment.past + segment.rows);
    plan.segments.push_back(segment);
  }
  return plan;
}

// One segment of one layer, rotated, its past in front of keys and values.
struct SegmentTensors {
  at::Tensor queries;       // [H,rows,d]
  at::Tensor keys, values;  // [G,past+rows,d]
};

class PromptReading {
 public:
  PromptReading(const Model& model, const std::vector<std::int64_t>& prompt,
                const ContextReconstruction& reading)
      : model_(model),
        facts_(model.facts()),
        reading_(reading),
        tokens_(static_cast<std::int64_t>(prompt.size())),
        plan_(plan_reading(prompt, reading)),
        rotary_(facts_.head_dim, model.description().rope_frequencies, plan_.longest) {
    // Attention here reaches over everything: a sliding window would see less.
    check_context(model.description(), plan_.longest);
  }

  at::Tensor run(const ReadingObserver& observer) {
    std::vector<std::int64_t> ids = plan_.ids;
    const auto rows = rounded_up(static_cast<std::int64_t>(ids.size()));
    ids.resize(static_cast<std::size_t>(rows), 0);
    at::Tensor x = model_.embed(at::tensor(ids, at::kLong));
    at::Tensor scores = at::empty({facts_.layers, facts_.kv_heads, tokens_}, at::kFloat);
    for (std::int64_t layer = 0; layer < facts_.layers; ++layer) {
      run_layer(layer, x, scores[layer], observer);
    }
    return scores;
  }

 private:
  void run_layer(std::int64_t layer, at::Tensor& x, const at::Tensor& scores,
                 const ReadingObserver& observer) {
    const at::Tensor input = model_.attention_input(layer, x);
    const at::Tensor qkv = model_.qkv(layer, input).to(at::kCPU).contiguous();
    // The second reading repeats the tokens of the first, and equal tokens have equal rows.
    if (layer == 0) {
      DistinctTokens().settle(plan_.ids.data(), static_cast<std::int64_t>(plan_.ids.size()),
                              qkv.data_ptr<float>(), qkv.size(1));
    }
    const at::Tensor host_input = input.to(at::kCPU);
    at::Tensor out = at::zeros({qkv.size(0), facts_.query_heads * facts_.head_dim}, at::kFloat);
    SegmentTensors first;
    for (const Segment& segment : plan_.segments) {
      const SegmentTensors tensors = segment_tensors(segment, qkv, first);
      if (segment.past == 0) first = tensors;  // whose prompt is every later segment's past
      attend(segment, tensors, out);
      scores.narrow(1, segment.begin, segment.end - segment.begin)
          .copy_(score(layer, segment, tensors, host_input));
    }
    if (observer) observer(layer, host_input.narrow(0, 0, tokens_), scores);
    if (layer + 1 == facts_.layers) return;  // nobody asks what comes out of the last layer
    out = out.to(x.device());
    for (std::int64_t row = 0; row < x.size(0); row += kMlpRows) {
      const std::int64_t rows = std::min(kMlpRows, x.size(0) - row);
      at::Tensor part = x.narrow(0, row, rows);
      part.copy_(model_.finish_layer(layer, part, out.narrow(0, row, rows)));
    }
  }

  // The past is the prompt, of the tensors of the `first` segment.
  SegmentTensors segment_tensors(const Segment& segment, const at::Tensor& qkv,
                                 const SegmentTensors& first) const {
    const std::int64_t d = facts_.head_dim;
    const std::int64_t all = segment.past + segment.rows;
    const at::Tensor raw =
        qkv.narrow(0, segment.first_row, segment.rows).view({segment.rows, -1, d});
    SegmentTensors to;
    to.queries = at::empty({facts_.query_heads, segment.rows, d}, at::kFloat);
    to.keys = at::empty({facts_.kv_heads, all, d}, at::kFloat);
    to.values = at::empty({facts_.kv_heads, all, d}, at::kFloat);
    // The first G of the H tasks take a KV head besides their query head: there are never more.
    parallel_for(facts_.query_heads, product_thread_count(), [&](std::int64_t head) {
      const c10::InferenceMode no_gradients;
      rotate(raw.select(1, head), segment.past, to.queries[head]);
      if (head >= facts_.kv_heads) return;
      const std::int64_t key_head = facts_.query_heads + head;
      rotate(raw.select(1, key_head), segment.past,
             to.keys[head].narrow(0, segment.past, segment.rows));
      to.values[head]
          .narrow(0, segment.past, segment.rows)
          .copy_(raw.select(1, key_head + facts_.kv_heads));
      round_rows(to.keys[head], segment.past);
      round_rows(to.values[head], segment.past);
      if (segment.past == 0) return;
      to.keys[head].narrow(0, 0, segment.past).copy_(first.keys[head].narrow(0, 0, segment.past));
      to.values[head]
          .narrow(0, 0, segment.past)
          .copy_(first.values[head].narrow(0, 0, segment.past));
    });
    return to;
  }

  // The rows of `vectors` [n,d] from `first` on, to what a cache would hold.
  void round_rows(const at::Tensor& vectors, std::int64_t first) const {
    const std::int64_t d = vectors.size(1);
    float* row = vectors.data_ptr<float>() + first * d;
    for (std::int64_t i = first; i < vectors.size(0); ++i, row += d) {
      round_vector(reading_.kv_dtype, row, d);
    }
  }

  // Rows of `from` [rows,d] turned to positions `first`, `first` + 1, ...
  void rotate(const at::Tensor& from, std::int64_t first, const at::Tensor& to) const {
    const float* in = from.data_ptr<float>();
    float* out = to.data_ptr<float>();
    for (std::int64_t i = 0; i < from.size(0); ++i) {
      rotary_.rotate(in + i * from.stride(0), first + i, out + i * from.size(1));
    }
  }

  void attend(const Segment& segment, const SegmentTensors& tensors, const at::Tensor& out) const {
    const std::int64_t width = out.size(1);
    const std::int64_t of_group = facts_.group_size() * facts_.head_dim;
    const std::int64_t ranges = (segment.rows + kAttendedQueries - 1) / kAttendedQueries;
    // The last queries first: they see the most.
    parallel_for(ranges * facts_.kv_heads, product_thread_count(), [&](std::int64_t i) {
      const c10::InferenceMode no_gradients;
      const std::int64_t kv_head = i % facts_.kv_heads;
      const std::int64_t begin = (ranges - 1 - i / facts_.kv_heads) * kAttendedQueries;
      HeadTokens head;
      head.queries = tensors.queries.data_ptr<float>() + kv_head * of_group * segment.rows;
      head.keys = tensors.keys[kv_head].data_ptr<float>();
      head.values = tensors.values[kv_head].data_ptr<float>();
      head.group = facts_.group_size();
      head.past = segment.past;
      head.tokens = segment.rows;
      head.head_dim = facts_.head_dim;
      attend_lifetimes(head, {}, {begin, std::min(begin + kAttendedQueries, segment.rows)},
                       out.data_ptr<float>() + segment.first_row * width + kv_head * of_group,
                       width);
    });
  }

  // [G,c] of the segment's chunk.
  at::Tensor score(std::int64_t layer, const Segment& segment, const SegmentTensors& tensors,
                   const at::Tensor& input) const {
    const bool by_contribution = reading_.kind == Reconstruction::kContribution;
    const std::int64_t first_row = segment.first_row + segment.rows - segment.queries;
    // |x_i| belongs to the query, |W_O v_t| to the token: neither depends on the pair, so both are
    // factors of rows and columns of the attention.
    at::Tensor query_factors;
    at::Tensor projection;  // W_O
    if (by_contribution) {
      projection = model_.layer(layer).attention_output.weight.widened().to(at::kCPU);
      query_factors = at::norm(input.narrow(0, first_row, segment.queries), 2, -1).reciprocal();
    }
    const std::int64_t chunk = segment.end - segment.begin;
    at::Tensor scores = at::empty({facts_.query_heads, chunk}, at::kFloat);
    parallel_for(facts_.query_heads, product_thread_count(), [&](std::int64_t query_head) {
      const c10::InferenceMode no_gradients;
      const std::int64_t kv_head = query_head / facts_.group_size();
      const at::Tensor keys = tensors.keys[kv_head];
      const std::int64_t first = std::min(reading_.first_tokens, segment.begin);
      const std::int64_t entries = segment.past + segment.rows;
      ReadingHead head;
      // The keys of the softmax are fewer than those of the forward pass: the header says which and
      // why. They are gathered to lie together, keeping the rotations they were attended with.
      head.queries = tensors.queries.narrow(0, query_head, 1)
                         .narrow(1, segment.rows - segment.queries, segment.queries);
      head.keys = at::cat({keys.narrow(0, 0, first), keys.narrow(0, segment.begin, chunk),
                           keys.narrow(0, entries - segment.queries, segment.queries)});
      head.first_tokens = first;
      head.chunk_tokens = chunk;
      head.first_query = segment.first_query;
      if (by_contribution) {
        head.query_factors = query_factors;
        head.token_factors =
            output_norms(projection.narrow(1, query_head * facts_.head_dim, facts_.head_dim),
                         tensors.values[kv_head].narrow(0, segment.begin, chunk))
                .unsqueeze(0);
      }
      scores[query_head].copy_(reconstruction_scores(head));
    });
    return scores.view({facts_.kv_heads, facts_.group_size(), chunk}).amax(1);
  }

  // [c]: |W_O v| of a query head, whose columns of W_O are `projection`, as the root of
  // v^T (W_O^T W_O) v: d x d instead of D x d for each token. In double, as the square of a small
  // norm is a difference of large terms; below 0 is rounding.
  at::Tensor output_norms(const at::Tensor& projection, const at::Tensor& values) const {
    const at::Tensor weight = projection.to(at::kDouble);
    const at::Tensor v = values.to(at::kDouble);
    const at::Tensor squares = (at::mm(v, at::mm(weight.t(), weight)) * v).sum(-1);
    return squares.clamp_min(0).sqrt().to(at::kFloat);
  }

  const Model& model_;
  const ModelFacts& facts_;
  const ContextReconstruction& reading_;
  std::int64_t tokens_;  // P
  ReadingPlan plan_;
  RotaryTable rotary_;
};

}  // namespace

at::Tensor reconstruction_scores(const Model& model, const std::vector<std::int64_t>& prompt,
                                 const ContextReconstruction& reading,
                                 const ReadingObserver& observer) {
  const c10::InferenceMode no_gradients;
  return PromptReading(model, prompt, reading).run(observer);
}

}  // namespace pressroom
