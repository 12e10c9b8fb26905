#include "http_test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cctype>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace pressroom {
namespace {

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;  // the client has gone, as it does when it stops
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::string read_head(int connection) {
  std::string head;
  char piece[4096];
  while (head.find("\r\n\r\n") == std::string::npos) {
    const ssize_t n = ::recv(connection, piece, sizeof(piece), 0);
    if (n <= 0) return "";
    head.append(piece, static_cast<std::size_t>(n));
  }
  return head;
}

TestRequest parse_request(const std::string& head) {
  TestRequest request;
  std::istringstream lines(head);
  lines >> request.method >> request.path;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "\r") {
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    request.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return request;
}

}  // namespace

std::string TestRequest::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

TestAnswer ranged(const TestRequest& request, const std::string& body) {
  const std::string range = request.header("range");
  if (range.empty()) return {200, body, {}, {}};
  const std::size_t first = std::stoul(range.substr(std::string("bytes=").size()));
  if (first >= body.size()) return {416, "", {}, {}};
  const std::string size = std::to_string(body.size());
  const std::string last = std::to_string(body.size() - 1);
  return {206,
          body.substr(first),
          {{"Content-Range", "bytes " + std::to_string(first) + "-" + last + "/" + size}},
          {}};
}

HttpTestServer::HttpTestServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the test server cannot listen on 127.0.0.1");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

HttpTestServer::~HttpTestServer() {
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept
  thread_.join();
  ::close(listener_);
}

std::vector<TestRequest> HttpTestServer::requests() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return requests_;
}

void HttpTestServer::serve() {
  while (true) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    answer(connection);
    ::shutdown(connection, SHUT_WR);
    ::close(connection);
  }
}

void HttpTestServer::answer(int connection) {
  const std::string head = read_head(connection);
  if (head.empty()) return;
  const TestRequest request = parse_request(head);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    requests_.push_back(request);
  }
  const TestAnswer answer = handler_(request);
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " Test\r\nConnection: close\r\n";
  if (answer.states_length) {
    text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  text += "\r\n";
  if (request.method != "HEAD") text += answer.body.substr(0, answer.cut_after.value_or(-1));
  send_all(connection, text);
}

}  // namespace pressroom
