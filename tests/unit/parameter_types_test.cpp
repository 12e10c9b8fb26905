// Parameters that are lists of numbers, odd numbers, and paths that may be names at the hub.
#include <gtest/gtest.h>

#include <cstdlib>

#include "config/config.h"
#include "plugin/loaded_plugin.h"
#include "plugin_test_support.h"

namespace pressroom::parameter_types_test {
namespace {

constexpr const char* kCommit = "0123456789012345678901234567890123456789";

// One method, `m`.
struct OneMethod : ConfigCatalog {
  PluginInfo info{
      "",
      "",
      {number_list("ratios", {0.25, 2}, "").at_least(0).at_most(4),
       integer("kernel", 5, "").at_least(1).odd(), required("weights", ParameterType::kPath, "")}};
  const PluginInfo& describe(PluginKind, const std::string&) override { return info; }
};

PluginUse parsed(const std::string& yaml) {
  OneMethod catalog;
  return parse_plugin_use(yaml, PluginKind::kMethod, "--method", catalog);
}

std::vector<double> ratios(const std::string& yaml) {
  return Parameters(parsed("{name: m, weights: /w, " + yaml + "}").values).numbers("ratios");
}

Problem problem_with(const std::string& parameters) {
  try {
    parsed("{name: m, " + parameters + "}");
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 1U);
    return error.problems().front();
  }
  ADD_FAILURE() << "no Error was thrown for " << parameters;
  return {};
}

TEST(NumberList, IsReadFromYamlAndWrittenAsYaml) {
  EXPECT_EQ(ratios(""), (std::vector<double>{0.25, 2}));
  EXPECT_EQ(ratios("ratios: [0, 1.5, 4]"), (std::vector<double>{0, 1.5, 4}));
  EXPECT_EQ(ratios("ratios: 3"), std::vector<double>{3});
  EXPECT_EQ(ratios("ratios: []"), std::vector<double>{});
  EXPECT_EQ(to_string(ParameterValue(std::vector<double>{0.1, 3})), "[0.1, 3]");
  EXPECT_EQ(number_list("a", {}, "").at_least(0).accepts(), "list of numbers >= 0");
}

TEST(NumberList, RefusesWhatIsNoNumberOrOutOfRange) {
  const std::string subject = "\"ratios\" of m ";
  EXPECT_EQ(problem_with("weights: /w, ratios: [1, x]").what, subject + "is not a number");
  EXPECT_EQ(problem_with("weights: /w, ratios: [1, 5]").what, subject + "is out of range");
  EXPECT_EQ(problem_with("weights: /w, ratios: [1, 5]").expected, "list of numbers from 0 to 4");
}

std::vector<Problem> problems_of(ParameterSpec spec) {
  return declaration_problems({"", "", {std::move(spec)}}, "m", "m.so");
}

TEST(NumberList, IsCheckedInADeclaration) {
  EXPECT_EQ(problems_of(number_list("a", {1, 2}, "").at_most(2)).size(), 0U);
  EXPECT_EQ(problems_of(number_list("a", {1, 3}, "").at_most(2)).size(), 1U);
  ParameterSpec integers = integer_list("a", {1}, "");
  integers.type = ParameterType::kNumberList;
  EXPECT_EQ(problems_of(integers).size(), 1U);
}

TEST(OddInteger, IsReadFromAConfig) {
  const PluginUse use = parsed("{name: m, weights: /w, kernel: 7}");
  EXPECT_EQ(Parameters(use.values).integer("kernel"), 7);
}

TEST(OddInteger, RefusesAnEvenNumberAndSaysWhichToUse) {
  const Problem problem = problem_with("weights: /w, kernel: 4");
  EXPECT_EQ(problem.what, "\"kernel\" of m is even");
  EXPECT_EQ(problem.where, "--method");
  EXPECT_EQ(problem.expected, "integer >= 1, odd");
  EXPECT_EQ(problem.got, "4");
  EXPECT_EQ(problem.fix, "use 5");
}

TEST(OddInteger, IsHeldToItsRangeToo) {
  const Problem problem = problem_with("weights: /w, kernel: -1");
  EXPECT_EQ(problem.what, "\"kernel\" of m is out of range");
  EXPECT_EQ(problem.expected, "integer >= 1, odd");
}

TEST(OddInteger, HasAnOddDefault) {
  EXPECT_EQ(problems_of(integer("a", 5, "").odd()).size(), 0U);
  const std::vector<Problem> problems = problems_of(integer("a", 4, "").odd());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems.front().what, "m gives parameter \"a\" a default that it does not accept");
  EXPECT_EQ(problems.front().expected, "integer, odd");
  EXPECT_EQ(problems.front().got, "4");
}

// The environment variable that says where the hub cache is.
class CacheRoot {
 public:
  explicit CacheRoot(const std::filesystem::path& root) {
    if (const char* value = std::getenv(kName)) before_ = value;
    ::setenv(kName, root.c_str(), 1);
  }
  ~CacheRoot() {
    if (before_.empty()) {
      ::unsetenv(kName);
    } else {
      ::setenv(kName, before_.c_str(), 1);
    }
  }

 private:
  static constexpr const char* kName = "HF_HUB_CACHE";
  std::string before_;
};

std::string weights(const std::string& path) {
  return std::get<std::string>(parsed("{name: m, weights: " + path + "}").values.at("weights"));
}

TEST(PathParameter, MayNameADownloadInTheHubCache) {
  const ScratchFolder cache;
  const CacheRoot root(cache.path());
  const std::filesystem::path folder = cache.path() / "models--someone--tiny";
  const std::filesystem::path snapshot = folder / "snapshots" / kCommit;
  write_file(snapshot / "config.json", "{}");
  write_file(folder / "refs/main", kCommit);
  EXPECT_EQ(weights("someone/tiny"), snapshot.string());
  EXPECT_EQ(weights("someone/tiny@0123456"), snapshot.string());
  const std::filesystem::path here = std::filesystem::current_path();
  for (const char* path : {"tiny", "./someone/tiny", "a/b/c"}) {
    EXPECT_EQ(weights(path), (here / path).lexically_normal().string()) << path;
  }
}

TEST(PathParameter, IsAPathWhereItsFolderExists) {
  const ScratchFolder cache;
  const CacheRoot root(cache.path());
  const std::filesystem::path here = std::filesystem::current_path();
  const std::filesystem::path folder = here / "pressroom_path_test";
  std::filesystem::create_directory(folder);
  EXPECT_EQ(weights("pressroom_path_test/w.pt"), (folder / "w.pt").string());
  std::filesystem::remove(folder);
}

TEST(PathParameter, SaysBothPlacesWhereItLooked) {
  const ScratchFolder cache;
  const CacheRoot root(cache.path());
  const Problem problem = problem_with("weights: someone/tiny");
  EXPECT_EQ(problem.what, "\"weights\" of m is neither a path nor in the hub cache");
  EXPECT_EQ(problem.where, "--method");
  EXPECT_EQ(problem.got, "someone/tiny: no folder " +
                             (std::filesystem::current_path() / "someone").string() +
                             "; no folder " + (cache.path() / "models--someone--tiny").string());
  EXPECT_EQ(problem.fix, "check the path, or get it: pressroom pull someone/tiny");
}

}  // namespace
}  // namespace pressroom::parameter_types_test
