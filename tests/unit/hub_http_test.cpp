#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "fake_hub.h"
#include "hub/http.h"

namespace pressroom::hub_http_test {
namespace {

constexpr char kSecret[] = "hf_SecretSecretSecret";

class Http : public ::testing::Test {
 protected:
  Http() { ::setenv("no_proxy", "127.0.0.1", /*overwrite=*/1); }
};

// Keeps all in memory.
class StringSink : public HttpSink {
 public:
  explicit StringSink(std::int64_t size, std::string there = "")
      : text(std::move(there)), size_(size) {}
  std::int64_t offset() const override { return static_cast<std::int64_t>(text.size()); }
  void begin(const HttpAnswer& answer) override {
    if (answer.status == 200) text.clear();
  }
  void write(std::string_view bytes) override { text += bytes; }
  bool complete() const override { return offset() == size_; }

  std::string text;

 private:
  const std::int64_t size_;
};

TEST_F(Http, ReturnsBodyStatusAndHeaders) {
  const HttpTestServer server([](const TestRequest& request) {
    return request.path == "/there" ? TestAnswer{200, "hello", {{"X-Odd-CASE", " v "}}, {}}
                                    : TestAnswer{404, "no", {}, {}};
  });
  HttpClient client({server.url(), ""}, hurried());
  const HttpAnswer there = client.get(server.url() + "/there");
  EXPECT_EQ(there.status, 200);
  EXPECT_EQ(there.body, "hello");
  EXPECT_EQ(there.header("x-odd-case"), "v");
  EXPECT_EQ(client.get(server.url() + "/gone").status, 404);
  EXPECT_EQ(server.requests().size(), 2u);
  EXPECT_EQ(server.requests()[0].header("authorization"), "");
}

TEST_F(Http, SendsTheTokenAlongRedirectsOnItsOwnServerOnly) {
  const HttpTestServer other([](const TestRequest&) { return TestAnswer{200, "far", {}, {}}; });
  const HttpTestServer server([&](const TestRequest& request) {
    if (request.path == "/old") return TestAnswer{307, "", {{"Location", "/new"}}, {}};
    if (request.path == "/away") {
      return TestAnswer{302, "", {{"Location", other.url() + "/far"}}, {}};
    }
    return TestAnswer{200, "near", {}, {}};
  });
  HttpClient client({server.url(), kSecret}, hurried());
  EXPECT_EQ(client.get(server.url() + "/old").body, "near");
  EXPECT_EQ(client.get(server.url() + "/away").body, "far");
  for (const TestRequest& request : server.requests()) {
    EXPECT_EQ(request.header("authorization"), std::string("Bearer ") + kSecret) << request.path;
  }
  // Another port is another server.
  ASSERT_EQ(other.requests().size(), 1u);
  EXPECT_EQ(other.requests()[0].header("authorization"), "");
}

TEST_F(Http, HeadStopsBeforeItLeavesTheServer) {
  const HttpTestServer server([](const TestRequest& request) {
    if (request.path == "/renamed") return TestAnswer{307, "", {{"Location", "/file"}}, {}};
    return TestAnswer{302, "", {{"Location", "http://127.0.0.1:1/x"}, {"X-Linked-Size", "7"}}, {}};
  });
  HttpClient client({server.url(), ""}, hurried());
  const HttpAnswer answer = client.head(server.url() + "/renamed");
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.header("x-linked-size"), "7");
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(Http, TriesAgainWhileTheServerIsBusy) {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    int left = 3;
    const HttpTestServer server([&](const TestRequest&) {
      return --left > 0 ? TestAnswer{status, "", {{"Retry-After", "0"}}, {}}
                        : TestAnswer{200, "at last", {}, {}};
    });
    std::vector<std::string> reasons;
    HttpOptions options = hurried();
    options.on_retry = [&](const std::string& reason) { reasons.push_back(reason); };
    HttpClient client({server.url(), ""}, options);
    EXPECT_EQ(client.get(server.url() + "/").body, "at last") << status;
    EXPECT_EQ(reasons.size(), 2u) << status;
  }
}

TEST_F(Http, GivesUpAfterSomeAttempts) {
  const HttpTestServer server([](const TestRequest&) { return TestAnswer{503, "", {}, {}}; });
  HttpClient client({server.url(), kSecret}, hurried());
  try {
    client.get(server.url() + "/x?signature=secret");
    FAIL() << "a server that is down";
  } catch (const NetworkFailure& failure) {
    EXPECT_EQ(failure.problems()[0].where, server.url() + "/x");
    EXPECT_EQ(failure.problems()[0].got, "status 503, 5 times");
  }
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST_F(Http, ReportsAServerThatIsNotThere) {
  std::string url;
  {
    url = HttpTestServer([](const TestRequest&) { return TestAnswer(); }).url();
  }
  int retries = 0;
  HttpOptions options = hurried();
  options.on_retry = [&](const std::string&) { ++retries; };
  HttpClient client({url, ""}, options);
  try {
    client.get(url + "/x?signature=secret");
    FAIL() << "a server that is not there";
  } catch (const NetworkFailure& failure) {
    const Problem& problem = failure.problems()[0];
    EXPECT_EQ(problem.what, "the server cannot be reached");
    EXPECT_EQ(problem.where, url + "/x");
    EXPECT_NE(problem.got.find("127.0.0.1"), std::string::npos) << problem.got;
    EXPECT_FALSE(problem.expected.empty());
    EXPECT_NE(problem.fix.find("HF_ENDPOINT"), std::string::npos);
  }
  EXPECT_EQ(retries, 0);
}

TEST_F(Http, WaitsForAServerThatWasThereBefore) {
  auto server = std::make_unique<HttpTestServer>([](const TestRequest&) { return TestAnswer(); });
  const std::string url = server->url();
  int retries = 0;
  HttpOptions options = hurried();
  options.on_retry = [&](const std::string&) { ++retries; };
  HttpClient client({url, ""}, options);
  client.get(url + "/");
  server.reset();
  EXPECT_THROW(client.get(url + "/"), NetworkFailure);
  EXPECT_EQ(retries, 4);
}

TEST_F(Http, GoesOnWhereAShortBodyEnded) {
  const std::string body(100000, 'b');
  for (const bool states_length : {true, false}) {
    const HttpTestServer server([&](const TestRequest& request) {
      TestAnswer answer = ranged(request, body);
      if (answer.body.size() > 10000) answer.cut_after = 10000;
      answer.states_length = states_length;
      return answer;
    });
    HttpClient client({server.url(), ""}, hurried());
    StringSink sink(100000);
    EXPECT_EQ(client.download(server.url() + "/", sink).status, 206);
    EXPECT_EQ(sink.text, body);
    ASSERT_EQ(server.requests().size(), 10u);
    EXPECT_EQ(server.requests()[1].header("range"), "bytes=10000-");
  }
}

TEST_F(Http, StopsAskingAServerThatNeverGetsFurther) {
  const HttpTestServer server([&](const TestRequest&) {
    return TestAnswer{200, std::string(100, 'b'), {}, 50};  // ignores Range
  });
  HttpClient client({server.url(), ""}, hurried());
  StringSink sink(100);
  EXPECT_THROW(client.download(server.url() + "/", sink), NetworkFailure);
  EXPECT_EQ(server.requests().size(), 5u);
}

TEST_F(Http, RefusesRedirectsWithoutEndAndToOtherProtocols) {
  const struct {
    const char* location;
    const char* what;
  } cases[] = {{"/again", "the server redirects without end"},
               {"file:///etc/passwd", "this is no web address"}};
  for (const auto& a_case : cases) {
    const HttpTestServer server([&](const TestRequest&) {
      return TestAnswer{302, "", {{"Location", a_case.location}}, {}};
    });
    HttpClient client({server.url(), ""}, hurried());
    try {
      client.get(server.url() + "/");
      ADD_FAILURE() << a_case.location;
    } catch (const Error& error) {
      EXPECT_EQ(error.problems()[0].what, a_case.what);
    }
  }
}

TEST_F(Http, FollowsNoRedirectToAnotherServerWhereTheCallerWantsNone) {
  const HttpTestServer other([](const TestRequest&) { return TestAnswer{200, "far", {}, {}}; });
  const HttpTestServer server([&](const TestRequest& request) {
    if (request.path == "/old") return TestAnswer{307, "", {{"Location", "/new"}}, {}};
    if (request.path == "/away") return TestAnswer{302, "", {{"Location", other.url()}}, {}};
    return TestAnswer{200, "near", {}, {}};
  });
  HttpOptions options = hurried();
  options.redirects = Redirects::kOnOneServer;
  options.address_from = "the address of the lab";
  HttpClient client({server.url(), ""}, options);
  EXPECT_EQ(client.get(server.url() + "/old").body, "near");
  try {
    client.get(server.url() + "/away");
    ADD_FAILURE() << "another port is another server";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems()[0].what, "the server redirects to another server");
    EXPECT_EQ(error.problems()[0].got, other.url());
    EXPECT_EQ(error.problems()[0].fix, "check the address of the lab");
  }
  EXPECT_TRUE(other.requests().empty());
}

TEST_F(Http, JudgesARedirectByWhereItLeads) {
  const char* const fine = "";
  const char* const clear = "the server redirects to an address that is not encrypted";
  const char* const away = "the server redirects to another server";
  const struct {
    const char* from;
    const char* to;
    const char* anywhere;
    const char* on_one_server;
  } cases[] = {
      {"https://a.example/x", "https://a.example/y", fine, fine},
      {"https://a.example/x", "https://A.example:443/y", fine, fine},
      {"https://a.example/x", "https://a.example:8443/x", fine, away},
      {"https://a.example/x", "https://b.example/x", fine, away},
      {"https://a.example/x", "https://a.example@b.example/x", fine, away},
      {"https://a.example/x", "http://a.example/x", clear, clear},
      {"https://a.example/x", "http://b.example/x", clear, clear},
      {"http://127.0.0.1:80/x", "http://127.0.0.1/y", fine, fine},
      {"http://127.0.0.1/x", "https://127.0.0.1/x", fine, away},
      {"http://127.0.0.1/x", "http://localhost/x", fine, away},
      {"https://a.example/x", "ftp://a.example/x", "this is no web address",
       "this is no web address"},
  };
  const auto said = [](const char* from, const char* to, Redirects redirects) -> std::string {
    HttpOptions options;
    options.redirects = redirects;
    try {
      check_redirect(from, to, options);
    } catch (const Error& error) {
      return error.problems()[0].what;
    }
    return "";
  };
  for (const auto& a_case : cases) {
    SCOPED_TRACE(std::string(a_case.from) + " " + a_case.to);
    EXPECT_EQ(said(a_case.from, a_case.to, Redirects::kAnywhere), a_case.anywhere);
    EXPECT_EQ(said(a_case.from, a_case.to, Redirects::kOnOneServer), a_case.on_one_server);
  }
}

TEST_F(Http, StopsWhenAskedEvenInAPause) {
  const HttpTestServer server([](const TestRequest&) { return TestAnswer{503, "", {}, {}}; });
  HttpOptions options;
  options.first_pause = std::chrono::hours(1);
  options.stop_requested = [&] { return !server.requests().empty(); };
  HttpClient client({server.url(), ""}, options);
  EXPECT_THROW(client.get(server.url() + "/"), TransferStopped);
}

TEST(Url, OriginIsSchemeHostAndPort) {
  EXPECT_EQ(url_origin("https://Hub.example/a?b"), "https://hub.example:443");
  EXPECT_EQ(url_origin("https://hub.example:443"), url_origin("https://user:pw@hub.example/x"));
  EXPECT_NE(url_origin("https://hub.example"), url_origin("http://hub.example"));
  EXPECT_NE(url_origin("https://hub.example"), url_origin("https://hub.example:8443"));
  for (const char* wrong : {"ftp://hub.example", "", "hub.example/x y", "file:///etc/passwd"}) {
    EXPECT_THROW(url_origin(wrong), Error) << wrong;
  }
}

TEST(Url, KnowsWhatOthersCanReadOnItsWay) {
  for (const char* private_one :
       {"https://hub.example", "https://10.0.0.1:8080", "http://localhost:8080/hub",
        "http://LOCALHOST", "http://127.0.0.1", "http://127.3.2.1:80/x", "http://[::1]:9"}) {
    EXPECT_FALSE(travels_in_clear(private_one)) << private_one;
  }
  for (const char* open_one :
       {"http://hub.example", "http://10.0.0.1", "http://127.0.0.1.example", "http://128.0.0.1",
        "http://localhost.example", "http://[::2]", "http://127.0.0.1@hub.example"}) {
    EXPECT_TRUE(travels_in_clear(open_one)) << open_one;
  }
}

TEST(Url, ShowsNoSecrets) {
  EXPECT_EQ(shown_url("https://user:pw@hub.example:8443/a/b?signature=s#f"),
            "https://hub.example:8443/a/b");
  EXPECT_EQ(url_encoded("refs/pr/1", false), "refs%2Fpr%2F1");
  EXPECT_EQ(url_encoded("a b/\xc3\xa9#?", true), "a%20b/%C3%A9%23%3F");
}

}  // namespace
}  // namespace pressroom::hub_http_test
