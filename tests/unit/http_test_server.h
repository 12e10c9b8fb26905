// A small web server for tests: on 127.0.0.1, at a port of its own, one connection a request.
//
//   HttpTestServer server([](const TestRequest& request) {
//     return request.path == "/a" ? TestAnswer{200, "hello"} : TestAnswer{404, ""};
//   });
//   client.get(server.url() + "/a");
//   server.requests().back().header("authorization");
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace pressroom {

struct TestRequest {
  std::string method;
  std::string path;                            // with its query
  std::map<std::string, std::string> headers;  // names in lower case

  std::string header(const std::string& name) const;
};

struct TestAnswer {
  int status = 200;
  std::string body;
  std::map<std::string, std::string> headers;
  // Of the body this many bytes are sent and the connection is closed, although Content-Length
  // promises all.
  std::optional<std::size_t> cut_after;
  bool states_length = true;  // else the end of the connection is the end of the body
};

// The part of `body` that the request's Range asks for, with status 206, or all of it with 200.
TestAnswer ranged(const TestRequest& request, const std::string& body);

class HttpTestServer {
 public:
  using Handler = std::function<TestAnswer(const TestRequest&)>;

  // `handler` runs in the server's thread.
  explicit HttpTestServer(Handler handler);
  ~HttpTestServer();
  HttpTestServer(const HttpTestServer&) = delete;
  HttpTestServer& operator=(const HttpTestServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  // All there were so far, in order.
  std::vector<TestRequest> requests() const;

 private:
  void serve();
  void answer(int connection);

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  mutable std::mutex mutex_;  // of requests_
  std::vector<TestRequest> requests_;
  std::thread thread_;
};

}  // namespace pressroom
