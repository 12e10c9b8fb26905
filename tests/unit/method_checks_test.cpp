#include "campaign/method_checks.h"

#include <gtest/gtest.h>

#include <map>

#include "config/plugin_use.h"
#include "every_method.h"
#include "plugin_test_support.h"
#include "pressroom/error.h"

namespace pressroom::method_checks_test {
namespace {

class MethodChecks : public testing::Test {
 protected:
  std::vector<MethodCheck> checks_of(const std::string& method, std::int64_t tokens = 64) {
    MethodChecksRequest request;
    request.method = parse_plugin_use(method, PluginKind::kMethod, "the test", host_);
    request.model = (test_dir() / "goldens/models/llama3_rope").string();
    request.tokens = tokens;
    return check_method(request, host_, RunControl());
  }

  PluginHost host_{{plugin_dir()}};
};

// What is said to hold for every method does, of those that there are; and each is really tried.
TEST_F(MethodChecks, PassOfEveryMethod) {
  for (const std::string method : kEveryMethod) {
    // It reads a prompt of words, and this model has no tokenizer.
    if (method.find("kvzip") != std::string::npos) continue;
    int passed = 0;
    for (const MethodCheck& check : checks_of(method)) {
      EXPECT_NE(check.outcome, MethodCheck::Outcome::kFailed)
          << method << ", " << check.protocol << ": " << check.claim << "\n"
          << check.reason;
      passed += check.outcome == MethodCheck::Outcome::kPassed ? 1 : 0;
    }
    EXPECT_GE(passed, 4) << method;
  }
}

TEST_F(MethodChecks, SayWhatWasNotTriedAndWhy) {
  std::map<std::string, std::string> reasons;  // by protocol and claim
  for (const MethodCheck& check : checks_of("{name: local_strided, local_window: 6, stride: 5}")) {
    if (check.outcome == MethodCheck::Outcome::kNotTried) reasons[check.claim] = check.reason;
  }
  EXPECT_EQ(reasons, (std::map<std::string, std::string>{
                         {"decoded with a budget for everything it is dense to the bit",
                          "it has sizes of its own, and evicts under any budget"}}));
  for (const MethodCheck& check : checks_of("{name: snapkv, window_size: 60}")) {
    EXPECT_EQ(check.outcome, MethodCheck::Outcome::kNotTried) << check.claim;
    EXPECT_NE(check.reason.find("the budget is smaller than what the method protects"),
              std::string::npos)
        << check.reason;
  }
}

// What is rounded may part from engine to engine; all else holds of it as well.
TEST_F(MethodChecks, AreMadeOverCachesOfFewerBits) {
  for (const char* kv_dtype : {"bfloat16", "float16", "q8"}) {
    int passed = 0;
    for (const MethodCheck& check :
         checks_of(std::string("{name: h2o, kv_dtype: ") + kv_dtype + "}")) {
      const bool is_of_engines = check.claim == "replay and decode agree";
      EXPECT_EQ(check.outcome,
                is_of_engines ? MethodCheck::Outcome::kNotTried : MethodCheck::Outcome::kPassed)
          << kv_dtype << ", " << check.protocol << ": " << check.claim << "\n"
          << check.reason;
      if (is_of_engines) {
        EXPECT_EQ(check.reason, std::string("keys and values are held as ") + kv_dtype +
                                    "; score --engine both compares them");
      }
      passed += is_of_engines ? 0 : 1;
    }
    EXPECT_EQ(passed, 4 * 4) << kv_dtype;  // claims under protocols
  }
}

TEST_F(MethodChecks, RefuseADocumentThatIsTooLongForTheModel) {
  try {
    checks_of("knorm", 1 << 20);
    FAIL() << "a million tokens passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().front().what, "the document is longer than the model was made for");
  }
}

}  // namespace
}  // namespace pressroom::method_checks_test
