// How the host finds, loads and keeps plugins that are sound.
#include <algorithm>
#include <thread>
#include <tuple>

#include "base/sha256.h"
#include "plugin/boundary.h"
#include "plugin/host.h"
#include "plugin/plugin_folders.h"
#include "plugin_test_support.h"

namespace pressroom::plugin_host_test {
namespace {

namespace fs = std::filesystem;

TEST(PluginHost, LoadsSoundPluginsBesideBrokenOnes) {
  PluginHost host({zoo()});
  EXPECT_FALSE(host.refused().empty());

  const PluginInfo& info = host.describe(PluginKind::kMethod, "good_method");
  EXPECT_EQ(info.summary, "a method without flaw");
  ASSERT_EQ(info.parameters.size(), 1U);
  EXPECT_EQ(info.parameters[0].name, "recents");

  const std::unique_ptr<Method> method = host.make_method("good_method");
  method->configure(Parameters({{"recents", std::int64_t{5}}}));
  EXPECT_EQ(method->plan(100).recents, 5);
  EXPECT_EQ(method->plan(100).ranking, Ranking::kScore);
  EXPECT_NE(method->make_policy(PolicyContext()), nullptr);

  const std::unique_ptr<DatasetReader> dataset = host.make_dataset("good_dataset");
  EXPECT_EQ(dataset->next()->id, "document 1");
  EXPECT_EQ(dataset->next()->id, "document 2");
  EXPECT_FALSE(dataset->next().has_value());

  const std::unique_ptr<MetricCollector> metric = host.make_metric("good_metric")->make_collector();
  metric->observe({});
  EXPECT_EQ(metric->finish({}).at(0).value, 1);
}

TEST(PluginHost, KnowsPluginsFromTheirManifests) {
  const PluginHost host({zoo()});
  const PluginRecord& record = host.find(PluginKind::kMethod, "good_method");
  EXPECT_EQ(record.version, "1.2.3");
  EXPECT_EQ(record.file, zoo() / "good_method.so");
  EXPECT_EQ(record.manifest.at("sdk"), PRESSROOM_SDK_VERSION);
  EXPECT_EQ(record.manifest.at("torch"), PRESSROOM_TORCH_VERSION);
  EXPECT_EQ(record.manifest.at("compiler"), __VERSION__);

  EXPECT_EQ(host.names(PluginKind::kMetric), std::vector<std::string>{"good_metric"});
  EXPECT_TRUE(std::is_sorted(host.plugins().begin(), host.plugins().end(),
                             [](const PluginRecord& a, const PluginRecord& b) {
                               return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
                             }));
}

TEST(PluginHost, AcceptsAnotherCompilerAndBuildTypeAndStrippedFiles) {
  PluginHost host({zoo()});
  const PluginRecord& record = host.find(PluginKind::kMethod, "good_stranger");
  EXPECT_EQ(record.manifest.at("compiler"), "99.1.0");
  EXPECT_EQ(record.manifest.at("build"), "minimal");
  EXPECT_NE(host.make_method("good_stranger"), nullptr);
}

TEST(PluginHost, RunsNoPluginCodeUntilAPluginIsUsed) {
  const char* const mark = "PRESSROOM_ZOO_STATIC_CONSTRUCTOR_RAN";
  ASSERT_EQ(unsetenv(mark), 0);
  PluginHost host({zoo()});
  host.find(PluginKind::kMethod, "static_constructor");
  host.sha256(PluginKind::kMethod, "static_constructor");
  EXPECT_EQ(std::getenv(mark), nullptr);
  host.describe(PluginKind::kMethod, "static_constructor");
  EXPECT_NE(std::getenv(mark), nullptr) << "the specimen leaves no mark: the test shows nothing";
}

TEST(PluginHost, MakesANewObjectEachTime) {
  PluginHost host({zoo()});
  const std::unique_ptr<Method> first = host.make_method("good_method");
  const std::unique_ptr<Method> second = host.make_method("good_method");
  first->configure(Parameters({{"recents", std::int64_t{1}}}));
  second->configure(Parameters({{"recents", std::int64_t{2}}}));
  EXPECT_EQ(first->plan(100).recents, 1);
  EXPECT_EQ(second->plan(100).recents, 2);
}

TEST(PluginHost, LeavesPluginsLoadedWhenItIsGone) {
  std::unique_ptr<Method> method;
  std::exception_ptr thrown;
  {
    PluginHost host({zoo()});
    method = host.make_method("good_method");
    method->configure(Parameters({{"recents", std::int64_t{8}}}));
    try {
      method->plan(1);
    } catch (...) {
      thrown = std::current_exception();
    }
  }
  EXPECT_EQ(method->plan(100).recents, 8);
  EXPECT_THROW(std::rethrow_exception(thrown), Error);
}

TEST(PluginHost, LoadsFromManyThreadsAtOnce) {
  PluginHost host({zoo()});
  std::vector<const PluginInfo*> seen(8);
  std::vector<std::thread> threads;
  for (const PluginInfo*& info : seen) {
    threads.emplace_back([&host, &info] {
      EXPECT_NE(host.make_method("good_method"), nullptr);
      EXPECT_NE(host.make_dataset("good_dataset"), nullptr);
      info = &host.describe(PluginKind::kMethod, "good_method");
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count(seen.begin(), seen.end(), seen.front()), 8) << "loaded once";
}

TEST(PluginHost, PassesOverMissingFoldersAndFilesItHasSeen) {
  const ScratchFolder scratch;
  fs::create_symlink(zoo() / "good_method.so", scratch.path() / "link.so");
  const PluginHost host({scratch.path(), scratch.path(), scratch.path() / "missing"});
  EXPECT_TRUE(host.refused().empty());
  EXPECT_EQ(host.names(PluginKind::kMethod), std::vector<std::string>{"good_method"});
}

TEST(PluginHost, KeepsANameThatAMisfitHolds) {
  const ScratchFolder scratch;
  std::string misfit = read_file(zoo() / "good_method.so");
  const std::size_t sdk = misfit.find("\nsdk=" PRESSROOM_SDK_VERSION "\n");
  ASSERT_NE(sdk, std::string::npos);
  misfit[sdk + 5] = '9';
  write_file(scratch.path() / "first/misfit.so", misfit);
  write_file(scratch.path() / "second/sound.so", read_file(zoo() / "good_method.so"));
  PluginHost host({scratch.path() / "first", scratch.path() / "second"});
  expect_approved("name_of_a_misfit",
                  error_text(scratch.path(), [&] { host.make_method("good_method"); }));
}

TEST(PluginHost, SaysWhatThereIsWhenANameIsUnknown) {
  const ScratchFolder scratch;
  PluginHost empty({scratch.path()});
  expect_approved("unknown_name",
                  error_text(scratch.path(), [&] { empty.make_metric("perplexity"); }));

  for (const char* name : {"good_method", "good_metric", "good_dataset"}) {
    fs::copy(zoo() / (name + std::string(".so")), scratch.path() / (name + std::string(".so")));
  }
  PluginHost host({scratch.path()});
  expect_approved("misspelt_name",
                  error_text(scratch.path(), [&] { host.make_method("good_methd"); }));
  expect_approved("name_of_another_kind",
                  error_text(scratch.path(), [&] { host.make_method("good_metric"); }));
}

TEST(PluginHost, HashesTheFileThatItRuns) {
  const ScratchFolder scratch;
  const fs::path file = scratch.path() / "changing.so";
  const std::string bytes = read_file(zoo() / "good_method.so");
  write_file(file, bytes);
  PluginHost host({scratch.path()});
  EXPECT_EQ(host.sha256(PluginKind::kMethod, "good_method"), sha256_hex(bytes));
  write_file(file, bytes + "one more line");
  expect_approved("changed_file",
                  error_text(scratch.path(), [&] { host.make_method("good_method"); }));
}

TEST(PluginSearchPath, GoesFromTheMostToTheLeastExplicit) {
  const ScratchFolder scratch;
  const fs::path root = fs::canonical(scratch.path());
  for (const char* folder : {"a", "b", "c"}) fs::create_directory(root / folder);
  const std::string variable =
      (root / "b").string() + "::" + (root / "missing").string() + ":" + (root / "a").string();
  ASSERT_EQ(setenv("PRESSROOM_PLUGIN_PATH", variable.c_str(), 1), 0);
  std::vector<fs::path> folders = plugin_search_path({root / "c", root / "b" / ".." / "a"});
  ASSERT_EQ(unsetenv("PRESSROOM_PLUGIN_PATH"), 0);
  ASSERT_GE(folders.size(), 3U);
  folders.resize(3);  // what follows lies beside this test's binary
  EXPECT_EQ(folders, (std::vector<fs::path>{root / "c", root / "a", root / "b"}));
}

TEST(PluginSearchPath, DoesNotPassOverAFolderThatWasAskedFor) {
  const ScratchFolder scratch;
  expect_approved("missing_plugin_dir", error_text(scratch.path(), [&] {
                    plugin_search_path({scratch.path() / "missing"});
                  }));
}

TEST(PluginBoundary, LetsResultsThroughAndLeavesOutBacktraces) {
  EXPECT_EQ(at_plugin_boundary("method \"x\"", "planning", "x.so", [] { return 4; }), 4);
  const auto throwing = [] {
    throw std::runtime_error("sizes differ: 3 and 4\nException raised from mv at Blas.cpp:71\n#0");
  };
  expect_approved("library_backtrace", error_text("nowhere", [&] {
                    at_plugin_boundary("method \"x\"", "scoring", "x.so", throwing);
                  }));
}

}  // namespace
}  // namespace pressroom::plugin_host_test
