#include "pressroom/parameters.h"

#include <gtest/gtest.h>

#include <charconv>
#include <limits>
#include <stdexcept>

namespace pressroom::parameters_test {
namespace {

TEST(TokensOrFraction, TruncatesFractionsAndTakesIntegersAsTokens) {
  struct Case {
    double value;
    std::int64_t budget_tokens;
    std::int64_t tokens;
  };
  // 0.29 * 100 is 28.999999999999996 in double precision: truncated, as int(x * n) does in Python.
  for (const Case& each : {Case{0.5, 103, 51}, Case{0.2, 256, 51}, Case{0.29, 100, 28},
                           Case{0.999, 10, 9}, Case{0, 1024, 0}, Case{1, 1024, 1}, Case{48, 16, 48},
                           Case{0.5, 0, 0}, Case{0.001, 999, 0}}) {
    EXPECT_EQ(TokensOrFraction{each.value}.tokens(each.budget_tokens), each.tokens)
        << each.value << " of " << each.budget_tokens;
  }
}

TEST(TokensOrFraction, IsABugWhenNegativeOrNotANumber) {
  EXPECT_THROW(TokensOrFraction{-0.1}.tokens(10), std::logic_error);
  EXPECT_THROW(TokensOrFraction{std::numeric_limits<double>::quiet_NaN()}.tokens(10),
               std::logic_error);
}

TEST(ParameterValue, StandsInTextAsInYamlAndJson) {
  const auto text = [](ParameterValue value) { return to_string(value); };
  EXPECT_EQ(text(std::monostate()), "");
  EXPECT_EQ(text(true), "true");
  EXPECT_EQ(text(false), "false");
  EXPECT_EQ(text(std::int64_t{-7}), "-7");
  EXPECT_EQ(text(0.2), "0.2");
  EXPECT_EQ(text(48.0), "48");
  EXPECT_EQ(text(TokensOrFraction{0.5}), "0.5");
  EXPECT_EQ(text(TokensOrFraction{48}), "48");
  EXPECT_EQ(text(std::string("a b")), "\"a b\"");
  EXPECT_EQ(text(std::string("q\"\\\n\t\x01 \xC3\xA9")), "\"q\\\"\\\\\\n\\t\\u0001 \xC3\xA9\"");
  EXPECT_EQ(text(std::vector<std::int64_t>{1, 2}), "[1, 2]");
  EXPECT_EQ(text(std::vector<std::int64_t>{}), "[]");
  EXPECT_EQ(text(std::vector<std::string>{"a", ""}), "[\"a\", \"\"]");
}

TEST(ParameterValue, KeepsEveryDigitOfANumber) {
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -2.5e-8, 1e22, 0.0}) {
    const std::string text = to_string(ParameterValue(value));
    double back = -1;
    std::from_chars(text.data(), text.data() + text.size(), back);
    EXPECT_EQ(back, value) << text;
  }
  EXPECT_EQ(to_string(ParameterValue(std::numeric_limits<std::int64_t>::min())),
            "-9223372036854775808");
}

TEST(ParameterSpec, SaysWhatItAccepts) {
  EXPECT_EQ(boolean("a", true, "").accepts(), "true or false");
  EXPECT_EQ(integer("a", 4, "").accepts(), "integer");
  EXPECT_EQ(integer("a", 4, "").at_least(0).accepts(), "integer >= 0");
  EXPECT_EQ(number("a", 0.5, "").at_most(1).accepts(), "number <= 1");
  EXPECT_EQ(number("a", 0.5, "").at_least(0.25).at_most(1).accepts(), "number from 0.25 to 1");
  EXPECT_EQ(string("a", "b", "").accepts(), "string");
  EXPECT_EQ(string("a", "b", "").one_of({"b", "c"}).accepts(), "string, one of b, c");
  EXPECT_EQ(string("a", "b", "").one_of({"b"}).accepts(), "string \"b\"");
  EXPECT_EQ(required("a", ParameterType::kPath, "").accepts(), "path");
  EXPECT_EQ(tokens_or_fraction("a", 0.5, "").accepts(),
            "tokens (an integer) or a fraction of the budget (a number below 1)");
  EXPECT_EQ(integer_list("a", {}, "").at_least(1).accepts(), "list of integers >= 1");
  EXPECT_EQ(string_list("a", {}, "").one_of({"b", "c"}).accepts(),
            "list of strings, each one of b, c");
  EXPECT_EQ(inner_method("inner", "").accepts(), "method: a name, or {name: ..., parameters}");
}

TEST(ParameterSpec, IsRequiredWithoutADefault) {
  EXPECT_TRUE(required("path", ParameterType::kPath, "").required());
  EXPECT_TRUE(inner_method("inner", "").required());
  EXPECT_EQ(inner_method("inner", "").name, "inner");
  EXPECT_FALSE(string("a", "", "").required());
  const ParameterSpec spec = integer("n_sink", 4, "first").alias("sinks").alias("start_size");
  EXPECT_FALSE(spec.required());
  EXPECT_EQ(spec.aliases, (std::vector<std::string>{"sinks", "start_size"}));
  EXPECT_EQ(spec.help_text, "first");
  EXPECT_EQ(to_string(spec.default_value), "4");
}

TEST(ParameterSpec, RefusesADefaultThatIsNoNumber) {
  EXPECT_THROW(number("a", std::numeric_limits<double>::infinity(), ""), std::logic_error);
  EXPECT_THROW(tokens_or_fraction("a", 1.5, ""), std::logic_error);
  EXPECT_THROW(tokens_or_fraction("a", -1, ""), std::logic_error);
}

TEST(Parameters, GivesValuesByNameAndType) {
  const Parameters parameters({{"b", true},
                               {"i", std::int64_t{3}},
                               {"n", 0.25},
                               {"s", std::string("x")},
                               {"t", TokensOrFraction{8}},
                               {"is", std::vector<std::int64_t>{1, 2}},
                               {"ss", std::vector<std::string>{"y"}},
                               {"inner", InnerMethod()}});
  EXPECT_TRUE(parameters.boolean("b"));
  EXPECT_EQ(parameters.integer("i"), 3);
  EXPECT_EQ(parameters.number("n"), 0.25);
  EXPECT_EQ(parameters.string("s"), "x");
  EXPECT_EQ(parameters.tokens_or_fraction("t").tokens(100), 8);
  EXPECT_EQ(parameters.integers("is"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(parameters.strings("ss"), (std::vector<std::string>{"y"}));
  EXPECT_EQ(parameters.method(), nullptr);
}

TEST(Parameters, TakesAnUndeclaredNameOrTypeForABugAndNamesIt) {
  const Parameters parameters({{"n_sink", std::int64_t{3}}});
  EXPECT_THROW(parameters.number("n_sink"), std::logic_error);
  try {
    parameters.integer("n_snk");
    FAIL() << "an undeclared name was accepted";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("n_snk"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace pressroom::parameters_test
