#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "counted_memory.h"
#include "generate/sampling.h"
#include "pressroom/error.h"
#include "test_folders.h"

namespace pressroom::token_sampling_test {
namespace {

using Json = nlohmann::json;

SamplingSettings settings_of(const Json& json) {
  SamplingSettings settings;
  settings.temperature = json["temperature"];
  settings.top_k = json["top_k"];
  settings.top_p = json["top_p"];
  settings.min_p = json["min_p"];
  settings.repetition_penalty = json["repetition_penalty"];
  return settings;
}

// By NumPy and transformers' own processors: tests/goldens/make_sampling.py.
TEST(TokenSampling, DrawsWhatNumpyDraws) {
  std::ifstream file(test_dir() / "goldens/sampling.json");
  const Json golden = Json::parse(file);
  ASSERT_GT(golden["cases"].size(), 40u);
  for (const Json& one : golden["cases"]) {
    const std::vector<float> logits = golden["rows"][one["row"].get<std::string>()];
    Sampler sampler(settings_of(one), RandomKey(one["seed"].get<std::uint64_t>()));
    for (const std::int64_t id : one["seen"]) sampler.saw(id);
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < one["ids"].size(); ++i) {
      ids.push_back(sampler.next(logits.data(), static_cast<std::int64_t>(logits.size())));
    }
    EXPECT_EQ(ids, one["ids"].get<std::vector<std::int64_t>>()) << one;
  }
}

TEST(TokenSampling, DrawsAsOftenAsProbabilitiesSay) {
  // exp(0), exp(-1), exp(-2) over their sum.
  const std::vector<float> logits = {0, -1, -2};
  const double expected[] = {0.66524096, 0.24472847, 0.09003057};
  SamplingSettings settings;
  settings.temperature = 1;
  Sampler sampler(settings, RandomKey(11));
  constexpr int kDraws = 100000;
  int counts[3] = {};
  for (int i = 0; i < kDraws; ++i) ++counts[sampler.next(logits.data(), 3)];
  for (int id = 0; id < 3; ++id) {
    const double p = expected[id];
    // Four standard deviations of a binomial count.
    EXPECT_NEAR(counts[id], kDraws * p, 4 * std::sqrt(kDraws * p * (1 - p))) << id;
  }
}

TEST(TokenSampling, TakesTheLowestOfEqualTokensWithoutATemperature) {
  const std::vector<float> logits = {-3, 2, 1, 2, 2};
  Sampler sampler(SamplingSettings(), RandomKey(1));
  EXPECT_EQ(sampler.next(logits.data(), 5), 1);
}

TEST(TokenSampling, RefusesLogitsThatAreNoNumbers) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    for (const double temperature : {0.0, 1.0}) {
      const std::vector<float> logits = {1, bad, 0};
      SamplingSettings settings;
      settings.temperature = temperature;
      Sampler sampler(settings, RandomKey(1));
      EXPECT_THROW(sampler.next(logits.data(), 3), Error) << bad << " at " << temperature;
    }
  }
}

TEST(TokenSampling, RefusesSettingsOutOfTheirRange) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  struct Wrong {
    SamplingSettings settings;
    const char* option;
  };
  const std::vector<Wrong> cases = {
      {{-0.1}, "--temperature"},
      {{nan}, "--temperature"},
      {{infinity}, "--temperature"},
      {{9e-7}, "--temperature"},
      {{1.1e6}, "--temperature"},
      {{1, -1}, "--top-k"},
      {{1, 0, 0}, "--top-p"},
      {{1, 0, 1.01}, "--top-p"},
      {{1, 0, nan}, "--top-p"},
      {{1, 0, 1, -0.1}, "--min-p"},
      {{1, 0, 1, 1.1}, "--min-p"},
      {{1, 0, 1, 0, 0}, "--repetition-penalty"},
      {{1, 0, 1, 0, infinity}, "--repetition-penalty"},
      {{1, 0, 1, 0, 9e-7}, "--repetition-penalty"},
      {{1, 0, 1, 0, 1.1e6}, "--repetition-penalty"},
  };
  for (const Wrong& wrong : cases) {
    try {
      check_sampling(wrong.settings);
      ADD_FAILURE() << wrong.option << " was taken";
    } catch (const Error& error) {
      EXPECT_NE(error.problems()[0].what.find(wrong.option), std::string::npos) << error.what();
    }
  }
  EXPECT_NO_THROW(check_sampling(SamplingSettings()));
}

// Each setting at its limits, over logits as large as there are; token 2 has been seen.
TEST(TokenSampling, DrawsAtTheLimitsOfItsSettings) {
  constexpr float kMost = std::numeric_limits<float>::max();
  constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
  const struct {
    SamplingSettings settings;
    std::vector<float> logits;
    std::set<std::int64_t> drawn;  // each of these, and nothing else
  } cases[] = {{{1e-6}, {0, 1, 2}, {2}},
               {{1e-6}, {-kMost, kMost, kMost}, {1, 2}},
               {{1e6}, {0, 1, 2}, {0, 1, 2}},
               {{1, 1}, {0, 1, 2}, {2}},
               {{1, kAll}, {0, 1, 2}, {0, 1, 2}},
               {{1, 0, std::numeric_limits<double>::min()}, {0, 1, 2}, {2}},
               {{1, 0, 1}, {0, 1, 2}, {0, 1, 2}},
               {{1, 0, 1, 1}, {0, 2, 2}, {1, 2}},
               {{1, 0, 1, 0, 1e6}, {0, 1, 9}, {0, 1, 2}},
               {{1, 0, 1, 0, 1e6}, {0, 1, -9}, {0, 1}},
               {{1, 0, 1, 0, 1e-6}, {0, 1, 9}, {2}},
               {{1e-6, 0, 1, 0, 1e-6}, {-kMost, kMost, kMost}, {2}},
               {{1e-6, 0, 1, 0, 1e6}, {-kMost, -kMost, -kMost}, {0, 1}}};
  for (std::size_t i = 0; i < std::size(cases); ++i) {
    EXPECT_NO_THROW(check_sampling(cases[i].settings)) << i;
    Sampler sampler(cases[i].settings, RandomKey(5));
    sampler.saw(2);
    std::set<std::int64_t> drawn;
    // The rarest of those that must come up has a probability above 0.06.
    for (int draw = 0; draw < 400; ++draw) drawn.insert(sampler.next(cases[i].logits.data(), 3));
    EXPECT_EQ(drawn, cases[i].drawn) << i;
  }
}

TEST(TokenSampling, AllocatesNothingOnceItHasSeenARow) {
  std::vector<float> logits(1000);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i % 37);
  SamplingSettings settings;
  settings.temperature = 0.7;
  settings.top_k = 100;
  settings.top_p = 0.9;
  settings.min_p = 0.01;
  Sampler sampler(settings, RandomKey(3));
  sampler.saw(999);
  sampler.next(logits.data(), 1000);
  const std::size_t before = memory_asked_for();
  for (int i = 0; i < 50; ++i) sampler.saw(sampler.next(logits.data(), 1000));
  EXPECT_EQ(memory_asked_for(), before);
}

}  // namespace
}  // namespace pressroom::token_sampling_test
