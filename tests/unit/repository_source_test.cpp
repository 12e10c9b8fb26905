// Where a repository's files come from, and what is not followed on the way.
#include "repository/repository_source.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "bundle_test_support.h"
#include "http_test_server.h"
#include "hub/http.h"
#include "repository/web_source.h"
#include "scratch_folder.h"
#include "text_search.h"

namespace pressroom::repository_source_test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMost = 1000;

class Source : public ::testing::Test {
 protected:
  Source() { ::setenv("no_proxy", "127.0.0.1", /*overwrite=*/1); }

  static std::optional<std::string> read(const std::string& location, const std::string& path) {
    return open_source(location, nullptr)->read(path, kMost);
  }
  static Problem problem(const std::string& location, const std::string& path) {
    return bundle_problem([&] { read(location, path); });
  }
};

TEST_F(Source, SpellsALocationInOneWay) {
  const std::string here = fs::current_path().string();
  const std::pair<const char*, std::string> cases[] = {
      {"/srv/presses", "/srv/presses"},
      {"/srv/presses/", "/srv/presses"},
      {"/srv//a/../presses/./", "/srv/presses"},
      {"/", "/"},
      {"presses", here + "/presses"},
      {"https://presses.example", "https://presses.example"},
      {"https://presses.example/a//", "https://presses.example/a"},
      {"https://presses.example/~user@host", "https://presses.example/~user@host"},
      {"http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"},
      {"http://localhost/", "http://localhost"}};
  for (const auto& [given, normal] : cases) {
    EXPECT_EQ(normal_location(given), normal);
    EXPECT_EQ(normal_location(normal), normal);
  }
}

TEST_F(Source, RefusesALocationThatIsNone) {
  const char* const clear = "the address is not encrypted, and is not of this machine";
  const char* const secret = "the address has a user, a query or a fragment";
  const std::pair<std::string, const char*> cases[] = {
      {"http://presses.example", clear},
      {"http://192.168.1.2/a", clear},
      {"http://127.0.0.1.presses.example/", clear},
      {"http://localhost.presses.example/", clear},
      {"HTTP://presses.example", clear},
      {"https://me:Secret@presses.example", secret},
      {"http://127.0.0.1@presses.example", secret},
      {"https://presses.example/?token=Secret", secret},
      {"https://presses.example/#Secret", secret},
      {"ftp://presses.example", "this is no web address"},
      {"file:///srv/presses", "this is no web address"},
      {"https://", "this is no web address"},
      {"https://a b", "this is no web address"},
      {"", "the location is no path"},
      {std::string("/srv\0/x", 7), "the location is no path"}};
  for (const auto& [location, what] : cases) {
    SCOPED_TRACE(location);
    const Problem problem_of_it = bundle_problem([&, l = location] { normal_location(l); });
    EXPECT_EQ(problem_of_it.what, what);
    EXPECT_FALSE(has(problem_of_it.text(), "Secret")) << problem_of_it.text();
  }
}

TEST_F(Source, ReadsAFolder) {
  const ScratchFolder scratch;
  write_file(scratch.path() / "real/bundles/a", std::string(kMost, 'x'));
  write_file(scratch.path() / "real/empty", "");
  fs::create_symlink("real", scratch.path() / "link");
  for (const char* folder : {"real", "link"}) {
    const std::string location = (scratch.path() / folder).string();
    EXPECT_EQ(read(location, "bundles/a"), std::string(kMost, 'x'));
    EXPECT_EQ(read(location, "empty"), "");
    EXPECT_EQ(read(location, "bundles/b"), std::nullopt);
    EXPECT_EQ(read(location, "nothing/b"), std::nullopt);
  }
}

TEST_F(Source, RefusesWhatIsNoFileOfTheFolder) {
  const ScratchFolder scratch;
  const fs::path folder = scratch.path() / "repository";
  const std::string location = folder.string();
  write_file(folder / "bundles/large", std::string(kMost + 1, 'x'));
  write_file(scratch.path() / "outside/a", "secret");
  fs::create_symlink(scratch.path() / "outside/a", folder / "link");
  fs::create_symlink(scratch.path() / "nowhere", folder / "dangling");
  fs::create_symlink(scratch.path() / "outside", folder / "linked");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_directories(folder / "folder");
  const struct {
    const char* path;
    const char* what;
    const char* got;
  } cases[] = {{"link", "a file of the repository cannot be read", "\"link\" is a link"},
               {"dangling", "a file of the repository cannot be read", "\"dangling\" is a link"},
               {"linked/a", "a file of the repository cannot be read", "\"linked\" is a link"},
               {"pipe", "a file of the repository cannot be read", "a pipe"},
               {"folder", "a file of the repository cannot be read", "a folder"},
               {"link/a", "a file of the repository cannot be read", "\"link\" is a link"},
               {"bundles/large/a", "a file of the repository cannot be read", "Not a directory"},
               {"bundles/large", "a file of the repository is too large", "1001 bytes"}};
  for (const auto& a_case : cases) {
    const Problem refused = problem(location, a_case.path);
    EXPECT_EQ(refused.what, a_case.what) << a_case.path;
    EXPECT_EQ(refused.got, a_case.got) << a_case.path;
    EXPECT_TRUE(has(refused.where, location)) << refused.where;
  }
  EXPECT_EQ(problem((scratch.path() / "gone").string(), "index.json").what,
            "the repository's folder cannot be opened");
  EXPECT_EQ(problem((folder / "pipe").string(), "index.json").what,
            "the repository's folder cannot be opened");
}

// As one that grows while it is read.
TEST_F(Source, CountsWhatItReadsAndNotWhatWasPromised) {
  struct stat promised = {};
  ASSERT_TRUE(::stat("/proc/self/status", &promised) == 0 && promised.st_size == 0);
  const auto source = open_source("/proc/" + std::to_string(::getpid()), nullptr);
  EXPECT_GT(source->read("status", 1 << 20)->size(), 100U);
  EXPECT_EQ(bundle_problem([&] { source->read("status", 10); }).what,
            "a file of the repository is too large");
}

TEST_F(Source, ReadsAWebServerAndFollowsItsOwnRedirects) {
  const HttpTestServer server([](const TestRequest& request) {
    if (request.path == "/p/index.json") return TestAnswer{200, "{}", {}, {}};
    if (request.path == "/p/old") return TestAnswer{301, "", {{"Location", "/p/index.json"}}, {}};
    if (request.path == "/p/gone") return TestAnswer{410, "", {}, {}};
    if (request.path == "/p/closed") return TestAnswer{403, "keep out", {}, {}};
    return TestAnswer{404, std::string(5000, 'n'), {}, {}};
  });
  const std::string location = server.url() + "/p/";
  EXPECT_EQ(read(location, "index.json"), "{}");
  EXPECT_EQ(read(location, "old"), "{}");
  EXPECT_EQ(read(location, "gone"), std::nullopt);
  EXPECT_EQ(read(location, "not/there"), std::nullopt);
  const Problem closed = problem(location, "closed");
  EXPECT_EQ(closed.what, "the server does not give out a file of the repository");
  EXPECT_EQ(closed.got, "status 403");
}

TEST_F(Source, DoesNotLeaveTheServer) {
  const HttpTestServer other([](const TestRequest&) { return TestAnswer{200, "far", {}, {}}; });
  const HttpTestServer server([&](const TestRequest& request) {
    return TestAnswer{302, "", {{"Location", other.url() + request.path}}, {}};
  });
  const Problem away = problem(server.url(), "index.json");
  EXPECT_EQ(away.what, "the server redirects to another server");
  EXPECT_EQ(away.fix, "check the repository's address");
  EXPECT_TRUE(other.requests().empty());
  try {
    check_redirect("https://presses.example/index.json", "http://presses.example/index.json",
                   web_source_options(nullptr));
    ADD_FAILURE() << "to http";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems()[0].what, "the server redirects to an address that is not encrypted");
  }
}

TEST_F(Source, StopsWhileMoreArrivesThanItWants) {
  for (const bool states_length : {true, false}) {
    const HttpTestServer server([&](const TestRequest& request) {
      TestAnswer answer;
      answer.body = std::string(request.path == "/fits" ? kMost : kMost + 1, 'x');
      answer.states_length = states_length;
      return answer;
    });
    EXPECT_EQ(read(server.url(), "fits"), std::string(kMost, 'x'));
    EXPECT_EQ(problem(server.url(), "large").what, "a file of the repository is too large");
    EXPECT_EQ(server.requests().size(), 2U) << "nothing that another attempt would change";
  }
}

TEST_F(Source, StopsWhenAsked) {
  const HttpTestServer server([](const TestRequest&) { return TestAnswer{503, "", {}, {}}; });
  const auto source = open_source(server.url(), [] { return true; });
  EXPECT_THROW(source->read("index.json", kMost), TransferStopped);
}

TEST_F(Source, SaysWhereAServerIsNotThere) {
  std::string url;
  {
    url = HttpTestServer([](const TestRequest&) { return TestAnswer(); }).url();
  }
  const Problem problem_of_it = problem(url, "index.json");
  EXPECT_EQ(problem_of_it.what, "the server cannot be reached");
  EXPECT_TRUE(has(problem_of_it.fix, "the repository's address")) << problem_of_it.fix;
  EXPECT_FALSE(has(problem_of_it.fix, "HF_ENDPOINT"));
}

}  // namespace
}  // namespace pressroom::repository_source_test
