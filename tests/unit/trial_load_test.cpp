#include "plugin/trial_load.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <string>

#include "plugin/host.h"
#include "test_folders.h"

namespace pressroom {
namespace {

// The environment variable by which the plugin is told what to do.
class Deed {
 public:
  explicit Deed(const char* deed) { ::setenv("PRESSROOM_TEST_CRASH", deed, 1); }
  ~Deed() { ::unsetenv("PRESSROOM_TEST_CRASH"); }
  Deed(const Deed&) = delete;
  Deed& operator=(const Deed&) = delete;
};

PluginRecord plugin() { return read_manifest(cli_plugin_dir() / "crashes_when_loaded.so"); }

TEST(TrialLoad, SaysHowAPluginEndedItsProcess) {
  const struct {
    const char* deed;
    const char* what;
    const char* got;
  } cases[] = {{"abort", "ends the process that loads it", "Aborted (SIGABRT); it wrote: crashing"},
               {"child", "ends the process that loads it", "Aborted (SIGABRT); it wrote: crashing"},
               {"exit", "ends the process that loads it", "exit(0)"},
               {"kill", "ends the process that loads it", "Killed (SIGKILL)"},
               {"hang", "does not return when it is loaded", "nothing within 1 s"}};
  for (const auto& c : cases) {
    const Deed deed(c.deed);
    // On a busy machine a second is not enough but for what never returns.
    const bool hangs = std::string(c.deed) == "hang";
    const std::optional<Problem> problem =
        trial_load(plugin(), hangs ? std::chrono::seconds(1) : kMostTrial);
    ASSERT_TRUE(problem.has_value()) << c.deed;
    EXPECT_EQ(problem->what, std::string("method \"crashes_when_loaded\" ") + c.what) << c.deed;
    EXPECT_EQ(problem->got, c.got) << c.deed;
    EXPECT_EQ(problem->where, plugin().file.string());
  }
}

TEST(TrialLoad, FindsNothingInAPluginThatSurvivesHoweverMuchItSays) {
  EXPECT_FALSE(trial_load(plugin()).has_value());
  const Deed deed("noise");
  EXPECT_FALSE(trial_load(plugin()).has_value());
}

// Whoever ignores the ends of its children cannot find out how they ended.
TEST(TrialLoad, FindsNothingWhereItsProcessCannotBeWaitedFor) {
  const auto before = ::signal(SIGCHLD, SIG_IGN);
  const std::optional<Problem> problem = trial_load(plugin());
  ::signal(SIGCHLD, before);
  EXPECT_FALSE(problem.has_value());
}

TEST(TrialLoad, AMethodThatDoesNotSurviveIsDescribedByItsFileAndAnErrorWhenItIsRun) {
  const Deed deed("abort");
  PluginHost refusing({cli_plugin_dir()});
  refusing.set_trial(Trial::kRefuse);
  EXPECT_THROW(refusing.describe(PluginKind::kMethod, "crashes_when_loaded"), Error);
  EXPECT_THROW(refusing.make_method("crashes_when_loaded"), Error);

  PluginHost host({cli_plugin_dir()});
  host.set_trial(Trial::kStandIn);
  int trials = 0;
  host.on_trial([&](PluginKind, const std::string& name, const std::optional<Problem>& problem) {
    EXPECT_EQ(name, "crashes_when_loaded");
    EXPECT_TRUE(problem.has_value());
    ++trials;
  });
  const PluginInfo& info = host.describe(PluginKind::kMethod, "crashes_when_loaded");
  ASSERT_EQ(info.parameters.size(), 1U);
  EXPECT_EQ(info.parameters[0].name, "recent");
  const std::unique_ptr<Method> method = host.make_method("crashes_when_loaded");
  EXPECT_EQ(method->plan(64).positions, Positions::kCacheIndex) << "as the loaded one plans";
  EXPECT_TRUE(takes_budget(method->plan(64)));
  try {
    method->make_policy(PolicyContext());
    FAIL() << "it is run";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("SIGABRT"), std::string::npos) << error.what();
  }
  EXPECT_EQ(trials, 1);
}

TEST(TrialLoad, WhatAnotherProcessFoundOutIsNotTriedAgain) {
  const Deed deed("abort");
  PluginHost host({cli_plugin_dir()});
  host.set_trial(Trial::kStandIn);
  host.on_trial([](PluginKind, const std::string&, const std::optional<Problem>&) {
    FAIL() << "it was tried";
  });
  host.note_trial(PluginKind::kMethod, "crashes_when_loaded",
                  Problem{"found by another", "there", "", "", ""});
  const std::unique_ptr<Method> method = host.make_method("crashes_when_loaded");
  EXPECT_THROW(method->make_policy(PolicyContext()), Error);
}

}  // namespace
}  // namespace pressroom
