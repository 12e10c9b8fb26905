// The metrics first_number, boxed and choice, on answers made by hand. What is expected follows from
// the rules in the READMEs of the metrics, case by case.
#include "judged_answers.h"

namespace pressroom::judged_results_test {
namespace {

TEST(FirstNumber, IsComparedByItsValue) {
  const std::vector<JudgedCase> cases = {
      {"18", {"18"}, 1},
      {" $18.00 per day", {"18"}, 1},
      {"The answer is 18.", {"18"}, 1},
      {"19", {"18"}, 0},
      {"18 and not 19", {"17", "18"}, 1},
      {"", {"18"}, 0},
      {"eighteen", {"18"}, 0},
      {"16 - 3 = 13, and 13*2 = 26", {"26"}, 0},
      {"16 eggs\n#### 18\nQuestion: 5 + 5", {"18"}, 1},
      {"18 ####", {"18"}, 0},
      {"18", {"He makes 9*2 = 18.\n#### 18"}, 1},
      {"1,000", {"1000"}, 1},
      {"12,34", {"12"}, 1},  // two numbers
      {"007", {"7"}, 1},
      {"-5", {"-5"}, 1},
      {"5", {"-5"}, 0},
      {"\u22123", {"-3"}, 1},
      {"-$5", {"$-5"}, 1},
      {"10-5", {"10"}, 1},
      {".5", {"1/2"}, 1},
      {"36/2 = 18", {"18"}, 1},
      {"5/0", {"5"}, 1},
      {"50%", {"50"}, 1},
      {"1e3", {"1000"}, 0},
      {"123456789012345678901234567890", {"123456789012345678901234567891"}, 0},
      {"123456789012345678901234567890.50", {"123456789012345678901234567890.5"}, 1},
  };
  expect_judged("first_number", {}, cases);
}

TEST(FirstNumber, MayBeTheLast) {
  const std::vector<JudgedCase> cases =
      {
          {"16 - 3 = 13, and 13*2 = 26", {"26"}, 1},
          {"10-5", {"5"}, 1},  // no sign behind a digit
          {"16 eggs\n#### 18\nQuestion: 5 + 5", {"18"}, 1},
          {"26, as 13*2", {"26"}, 0},
          {"", {"26"}, 0},
      };
  expect_judged("first_number", {{"which", "last"}}, cases);
}

TEST(Boxed, IsTheLastBoxElseTheLastNumber) {
  const std::vector<JudgedCase> cases = {
      {R"(\boxed{5})", {"5"}, 1},
      {R"(first \boxed{3}, then $\boxed{4}$.)", {"4"}, 1},
      {R"(first \boxed{3}, then $\boxed{4}$.)", {"3"}, 0},
      {R"(\fbox{7})", {"7"}, 1},
      {R"(\boxed{9})", {R"(Thus it is $\boxed{9}$, as 3*3 = 9 and 10 > 9.)"}, 1},
      {R"(\boxed{\sqrt{x^{2}}})", {R"(\sqrt{x^{2}})"}, 1},
      {R"(\boxed{\{1,2\}})", {R"(\{1,2\})"}, 1},
      {R"(\boxed{5} and \boxed{6)", {"5"}, 1},  // cut off
      {R"(so \boxed{12)", {"12"}, 1},
      {"The answer is 7.", {"7"}, 1},
      {"x+1", {"x+1"}, 0},  // without a box, a number alone
      {"no idea", {"7"}, 0},
      {"", {"7"}, 0},
      {R"(\boxed{})", {"7"}, 0},
  };
  expect_judged("boxed", {}, cases);
}

TEST(Boxed, ComparesNumbersByValueAndExpressionsAsText) {
  const std::vector<JudgedCase> cases = {
      {R"(\boxed{\frac{1}{2}})", {"0.5"}, 1},
      {R"(\boxed{0.50})", {R"(\dfrac12)"}, 1},
      {R"(\boxed{1/2})", {R"(\tfrac{2}{4})"}, 1},
      {R"(\boxed{-\frac{3}{4}})", {"-0.75"}, 1},
      {R"(\boxed{0.333})", {R"(\frac{1}{3})"}, 0},
      {R"(\boxed{1,000})", {"1000"}, 1},
      {R"(\boxed{1,\!000})", {"1000"}, 1},
      {R"(\boxed{\$18.50})", {"18.5"}, 1},
      {R"(\boxed{50\%})", {"50"}, 1},
      {R"(\boxed{30^\circ})", {"30"}, 1},
      {R"(\boxed{5\text{ cm}})", {"5"}, 1},
      {R"(\boxed{ x + 1 })", {"x+1"}, 1},
      {R"(\boxed{\left(1, 2\right)})", {"(1,2)"}, 1},
      {R"(\boxed{\dfrac{x}{2}})", {R"(\frac{x}{2})"}, 1},
      {R"(\boxed{\text{Evelyn}})", {"Evelyn"}, 1},
      {R"(\boxed{\text{evelyn}})", {"Evelyn"}, 0},
      {R"(\boxed{1+x})", {"x+1"}, 0},
      {R"(\boxed{\sqrt{4}})", {"2"}, 0},
      {R"(\boxed{1\frac{1}{2}})", {"3/2"}, 0},
      {R"(\boxed{x=5})", {"5"}, 0},
  };
  expect_judged("boxed", {}, cases);
}

TEST(Choice, IsALetterElseTheTextOfAnOption) {
  const std::vector<std::string> options = {"Paris", "London", "Paris, Texas", "Rome"};
  const std::vector<JudgedCase> cases = {
      {"B", {"London"}, 1},
      {" (B)\n", {"London"}, 1},
      {"B. London", {"London"}, 1},
      {"B because it rains", {"London"}, 1},
      {"**D**: because", {"Rome"}, 1},
      {"A", {"Paris"}, 1},
      {"A", {"(A)"}, 1},
      {"C", {"Paris"}, 0},
      {"E", {"Paris"}, 0},
      {"b", {"London"}, 0},
      {"The correct answer is (D).", {"Rome"}, 1},
      {"London is rainy, so the ANSWER IS: D", {"Rome"}, 1},
      {"Answer: D\nQuestion: which?\nAnswer: B", {"Rome"}, 1},
      {"the answer is that D", {"Rome"}, 0},
      {"It is London", {"London"}, 1},
      {"LONDON!", {"B"}, 1},
      {"Because London is large", {"London"}, 1},
      {"the answer is Rome", {"Rome"}, 1},
      {"Paris, Texas, of course", {"Paris, Texas"}, 1},
      {"Paris, Texas, of course", {"Paris"}, 0},
      {"London or Rome", {"London"}, 0},
      {"A city in Texas", {"Paris"}, 0},  // an article
      {"D", {"London", "Rome"}, 1},
      {"", {"London"}, 0},
  };
  expect_judged("choice", {}, cases, options);
}

TEST(Choice, TellsApartOptionsOfTheSameWordsByTheirLettersAlone) {
  const std::vector<JudgedCase> cases = {{"B", {"35"}, 1}, {"A", {"35"}, 0}, {"3.5", {"3.5"}, 0}};
  expect_judged("choice", {}, cases, {"3.5", "35"});
}

}  // namespace
}  // namespace pressroom::judged_results_test
