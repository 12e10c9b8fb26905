// leverage, non_causal_attention, compactor and cap against kvpress's figures and against
// computations that share nothing with them.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "../../plugins/methods/compactor/compactor_scores.h"
#include "fake_layer_view.h"

namespace pressroom::kvpress_scorers_b_test {
namespace {

ScoreRows rows_of(const std::vector<at::Tensor>& scores) {
  ScoreRows rows;
  for (const at::Tensor& score : scores) {
    const at::Tensor row = score.to(at::kDouble).contiguous();
    rows.emplace_back(row.data_ptr<double>(), row.data_ptr<double>() + row.numel());
  }
  return rows;
}

// The sketches that the goldens were computed with.
std::vector<at::Tensor> golden_sketches() {
  return {wave(4, 3, .7, .3) / std::sqrt(3.0), wave(4, 3, .8, .3) / std::sqrt(3.0)};
}

// sum_i exp(q_i k_j) / sum_j' exp(q_i k_j') within chunks, |v_j|, smoothing and spread, in loops.
ScoreRows non_causal_by_hand(std::int64_t chunk) {
  const LayerInputs in = layer_inputs();
  const std::int64_t entries = kGoldenTokens;
  const auto dot = [](const at::Tensor& a, const at::Tensor& b) {
    return (a * b).sum().item<double>();
  };
  ScoreRows rows;
  double sum = 0;
  double squares = 0;
  for (std::int64_t head = 0; head < 2; ++head) {
    std::vector<double> raw(entries);
    for (std::int64_t h = 2 * head; h < 2 * head + 2; ++h) {
      for (std::int64_t i = 0; i < entries; ++i) {
        const std::int64_t begin = i / chunk * chunk;
        const std::int64_t end = std::min(begin + chunk, entries);
        double total = 0;
        for (std::int64_t j = begin; j < end; ++j) {
          total += std::exp(dot(in.queries[h][i], in.keys[head][j]));
        }
        for (std::int64_t j = begin; j < end; ++j) {
          raw[j] += std::exp(dot(in.queries[h][i], in.keys[head][j])) / total / 2 *
                    std::sqrt(dot(in.values[head][j], in.values[head][j]));
        }
      }
    }
    std::vector<double> smooth(entries);
    for (std::int64_t j = 0; j < entries; ++j) {
      for (std::int64_t n = std::max<std::int64_t>(j - 1, 0); n < std::min(j + 2, entries); ++n) {
        smooth[j] += raw[n] / 3;
      }
      sum += smooth[j];
      squares += smooth[j] * smooth[j];
    }
    rows.push_back(smooth);
  }
  const double count = 2.0 * static_cast<double>(entries);
  const double mean = sum / count;
  const double sd = std::sqrt((squares - count * mean * mean) / (count - 1));
  for (auto& row : rows) {
    for (double& score : row) score = (score - mean) / sd;
  }
  return rows;
}

}  // namespace

TEST(Leverage, GivesTheReferencesScoresForTheReferencesSketch) {
  EvictionPlan plan;
  plan.needs.keys_before_rope = true;
  const FakeLayer layer(plan);
  const std::vector<at::Tensor> sketches = golden_sketches();
  std::vector<at::Tensor> scores;
  for (std::int64_t i = 0; i < 2; ++i) {
    scores.push_back(leverage_scores(layer.head(i).keys_before_rope(), sketches[i]));
  }
  EXPECT_LT(distance(rows_of(scores), golden("leverage_raw_sk3_phi")), 1e-4);
  EXPECT_LT(distance(rows_of(standardised(scores)), golden("leverage_sk3_phi")), 1e-4);
}

// With many more columns than channels the sketch loses next to nothing, and the scores are those
// of the keys themselves: with K = U S V', the sum over c of U_jc^2 S_c^2 / (S_c^2 + 0.01).
TEST(Leverage, AWideSketchGivesExactLeverage) {
  const LayerInputs inputs = layer_inputs();
  std::vector<at::Tensor> exact;
  for (std::int64_t head = 0; head < 2; ++head) {
    const at::Tensor keys = inputs.keys_before_rope[head];
    const auto [u, s, v] = at::linalg_svd(keys - keys.mean(0), /*full_matrices=*/false);
    exact.push_back(u.square().mv(s.square() / (s.square() + 0.01)));
  }
  const ScoreRows scores = golden_scores(*golden_method("leverage", {{"sketch_dimension", 2048L}}));
  EXPECT_LT(distance(scores, rows_of(standardised(exact))), 0.05);
}

TEST(Leverage, DependsOnNothingButThePlaceOfItsRandomNumbers) {
  const auto method = golden_method("leverage", {{"sketch_dimension", 2L}});
  EXPECT_EQ(golden_scores(*method), golden_scores(*method));
  const FakeLayer layer(method->plan(8));
  PolicyContext context = golden_context(8);
  const ScoreRows here = rows_of(method->make_policy(context)->score_layer(layer));
  context.random = RandomKey(43);
  EXPECT_NE(here, rows_of(method->make_policy(context)->score_layer(layer)));
}

TEST(NonCausalAttention, GivesTheReferencesScores) {
  const struct {
    const char* golden_name;
    std::int64_t chunk_size;
    const char* compat;
  } cases[] = {{"noncausal_chunk5", 5, "kvpress"},
               {"noncausal_chunk8", 8, "kvpress"},
               {"noncausal_chunk8", 8, "none"}};
  for (const auto& test : cases) {
    const auto method =
        golden_method("non_causal_attention",
                      {{"chunk_size", test.chunk_size}, {"compat", std::string(test.compat)}});
    EXPECT_LT(distance(golden_scores(*method), golden(test.golden_name)), 1e-6)
        << test.golden_name << " compat " << test.compat;
  }
}

TEST(NonCausalAttention, PadsNothingByDefault) {
  for (const std::int64_t chunk : {1, 5, 7, 16, 256}) {
    const auto method = golden_method("non_causal_attention", {{"chunk_size", chunk}});
    EXPECT_LT(distance(golden_scores(*method), non_causal_by_hand(chunk)), 2e-6) << chunk;
  }
}

TEST(Compactor, GivesTheReferencesScoresForTheReferencesSketch) {
  const auto method = golden_method("compactor");
  const FakeLayer layer(method->plan(9));
  const std::vector<at::Tensor> scores =
      compactor_scores(layer, golden_sketches(), {2, 1, 5, 3, 0.4, true});
  EXPECT_LT(distance(rows_of(scores), golden("compactor_r0.4_s2_e1_chunk5_sk3")), 1e-4);
}

// The weight is 1 - budget / context where none is given.
TEST(Compactor, BlendsByTheShareThatLeaves) {
  std::map<std::string, ParameterValue> given = {{"sink_size_start", 2L}, {"sink_size_end", 1L}};
  const auto by_share = golden_method("compactor", given);
  given["blending"] = 0.75;
  const auto by_hand = golden_method("compactor", given);
  EXPECT_EQ(golden_scores(*by_share, 4), golden_scores(*by_hand, 4));
  EXPECT_NE(golden_scores(*by_share, 8), golden_scores(*by_hand, 8));
}

TEST(Cap, GivesTheReferencesScores) {
  const auto method = golden_method("cap", {{"n_future_positions", 8L}, {"n_sink", 2L}});
  EXPECT_LT(distance(golden_scores(*method), golden("cap_nf8_sink2_tau5")), 1e-6);
}

// Caches smaller than a window, than the sinks, than a chunk; of one entry.
TEST(KvpressScorers, ScoreCachesOfAnySize) {
  for (const char* name : {"leverage", "non_causal_attention", "compactor", "cap"}) {
    const auto method = golden_method(name);
    for (std::int64_t tokens = 1; tokens <= kGoldenTokens; ++tokens) {
      const ScoreRows rows = golden_scores(*method, 1, tokens, /*padded=*/false);
      ASSERT_EQ(rows.size(), 2U);
      for (const auto& row : rows) {
        ASSERT_EQ(row.size(), static_cast<std::size_t>(tokens)) << name;
        for (const double score : row) ASSERT_TRUE(std::isfinite(score)) << name << tokens;
      }
    }
  }
}

}  // namespace pressroom::kvpress_scorers_b_test
