// config.json as it is found: what Python writes and JSON does not have, keys given twice, values
// that cannot be.
#include <limits>

#include "stream_test_support.h"

namespace pressroom::model_config_test {
namespace {

using Json = nlohmann::json;

class ModelConfig : public testing::Test {
 protected:
  ModelConfig() { write_model(path(), TinyShape(), random_weights(TinyShape(), RandomKey(1))); }

  // The config with `members`, given as text, as its last.
  static std::string with(const std::string& members) {
    std::string text = config_json(TinyShape()).dump();
    text.back() = ',';
    return text + members + "}";
  }
  ModelDescription read(const std::string& config) const {
    write_file(path() / "config.json", config);
    return read_description(model_in(path()));
  }
  Problem reading(const std::string& config) const {
    return problem_of([&] { read(config); });
  }
  std::filesystem::path path() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
};

TEST_F(ModelConfig, MayHavePythonsFloatsUnderKeysThatNobodyReads) {
  for (const char* members :
       {R"("initializer_range": NaN)", R"("time_step_limit": [0.0, Infinity])",
        R"("a": {"b": -Infinity, "c": [NaN,NaN]})", R"("a\"": NaN, "b": "\\")"}) {
    EXPECT_EQ(read(with(members)).facts.layers, 2) << members;
  }
}

TEST_F(ModelConfig, NamesPythonsFloatsUnderKeysThatAreRead) {
  const std::vector<std::vector<std::string>> cases = {
      {"rms_norm_eps", "NaN", "a number > 0"},
      {"rope_theta", "Infinity", "a number > 0"},
      {"rope_theta", "-Infinity", "a number > 0"},
      {"hidden_size", "NaN", "a whole number from 1"},
      {"tie_word_embeddings", "NaN", "true or false"},
      {"hidden_act", "NaN", "silu"},
      {"rope_scaling", "NaN", "a JSON object"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c[0]);
    const Problem problem = reading(with("\"" + c[0] + "\": " + c[1]));
    EXPECT_EQ(problem.where, (path() / "config.json").string() + ": " + c[0]);
    EXPECT_TRUE(has(problem.expected, c[2])) << problem.expected;
    EXPECT_EQ(problem.got, "\"" + c[1] + "\"");
  }
}

TEST_F(ModelConfig, LeavesTextsThatOnlyLookLikeFloatsAlone) {
  const ModelDescription model =
      read(with(R"("note": "NaN \" Infinity", "hidden_act": "silu", "NaN": 1)"));
  EXPECT_EQ(model.activation, Activation::kSilu);
  EXPECT_EQ(reading(with(R"("hidden_act": "a \"NaN\"")")).got, R"("a \"NaN\"")");
}

TEST_F(ModelConfig, IsNotJsonWithCommentsTrailingCommasOrOtherWords) {
  const std::string plain = config_json(TinyShape()).dump();
  for (const std::string& text :
       {"{ // edited by hand\n" + plain.substr(1), with(""), with("\"a\": nan"),
        with("\"a\": +Infinity"), with("\"a\": True"), with("\"a\": NaNs"), plain + "}"}) {
    EXPECT_EQ(reading(text).what, "config.json is not JSON") << text;
  }
}

// A value that is copied or shown is followed into its depth.
TEST_F(ModelConfig, RefusesNestingThatNoConfigHas) {
  const auto nested = [](std::size_t depth) {
    return with("\"hidden_act\": " + std::string(depth, '[') + std::string(depth, ']'));
  };
  EXPECT_EQ(reading(nested(500000)).what, "config.json is nested too deeply");
  EXPECT_EQ(reading(nested(40)).where, (path() / "config.json").string() + ": hidden_act");
}

TEST_F(ModelConfig, ShowsTheBeginningOfALongValue) {
  const Problem problem = reading(with("\"hidden_act\": \"" + std::string(100000, 'x') + "\""));
  EXPECT_LT(problem.got.size(), 300U);
}

TEST_F(ModelConfig, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(read("\xEF\xBB\xBF" + config_json(TinyShape()).dump()).facts.layers, 2);
}

// As Python's json and so the reference library reads it.
TEST_F(ModelConfig, TakesTheLastOfTwoEqualKeys) {
  EXPECT_EQ(read(with(R"("vocab_size": 7)")).facts.vocabulary, 7);
  // theta^(-2/4), head_dim 4.
  EXPECT_FLOAT_EQ(read(with(R"("rope_theta": 1000000.0)")).rope_frequencies.at(1), 1e-3F);
}

TEST_F(ModelConfig, RefusesValuesThatCannotBe) {
  const std::vector<std::vector<std::string>> cases = {
      {"rope_theta", "0", "a number > 0"},
      {"num_key_value_heads", "3", "a divisor of num_attention_heads"},
      {"head_dim", "3", "an even number of rotated channels"},
      {"hidden_size", "18446744073709551615", "a whole number from 1"},
      {"hidden_size", "16.5", "a whole number from 1"},
      {"attention_bias", "0", "true or false"},
      {"rms_norm_eps", "\"1e-5\"", "a number > 0"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c[0]);
    const Problem problem = reading(with("\"" + c[0] + "\": " + c[1]));
    EXPECT_EQ(problem.where, (path() / "config.json").string() + ": " + c[0]);
    EXPECT_TRUE(has(problem.expected, c[2])) << problem.expected;
    EXPECT_EQ(problem.got, c[1]);
  }
}

}  // namespace
}  // namespace pressroom::model_config_test
