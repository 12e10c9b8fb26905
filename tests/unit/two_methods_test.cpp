// Methods around two methods.
#include "stream_test_support.h"

namespace pressroom::two_methods_test {
namespace {

// Scores everything alike, and says that it has read a file.
struct Reader final : Method {
  std::string file;
  explicit Reader(std::string f) : file(std::move(f)) {}
  PluginInfo describe() const override { return {}; }
  EvictionPlan plan(std::int64_t) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    return plan;
  }
  std::vector<std::string> files() const override { return {file}; }
};

// A cell's key holds what these files hold: a scorer that was trained again is run again.
TEST(TwoMethods, NameTheFilesOfBoth) {
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> wrappers = {
      {"composed", {"first", "second"}}, {"prefill_decoding", {"prefilling", "decoding"}}};
  for (const auto& [name, inner] : wrappers) {
    const auto method =
        plugin_method(name, {{inner.first, InnerMethod(std::make_shared<Reader>("a"))},
                             {inner.second, InnerMethod(std::make_shared<Reader>("b"))}});
    EXPECT_EQ(method->files(), (std::vector<std::string>{"a", "b"})) << name;
  }
}

}  // namespace
}  // namespace pressroom::two_methods_test
