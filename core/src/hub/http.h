// HTTP for downloads: redirects, retries with pauses, resumption, and a secret that reaches one
// server only.
//
//   HttpClient client({"https://huggingface.co", token}, options);
//   HttpAnswer answer = client.get("https://huggingface.co/api/models/gpt2");
//   if (answer.status == 200) parse(answer.body);
//
// Only http and https are spoken, certificates are verified, and an https address never redirects
// to an http one. Statuses that another attempt will not change (404, 401, ...) are answers, not
// errors. Of addresses it is said here who may see a secret, and what of one may be shown.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "pressroom/error.h"

namespace pressroom {

// The server was not reached, or broke off, as often as it was tried: later it may work.
class NetworkFailure : public Error {
 public:
  using Error::Error;
};

// Thrown out of a transfer whose caller asked it to stop.
class TransferStopped : public std::exception {
 public:
  const char* what() const noexcept override { return "the transfer was stopped"; }
};

// Where redirects may lead. From https to http never.
enum class Redirects { kAnywhere, kOnOneServer };

struct HttpOptions {
  std::chrono::milliseconds connect_timeout{15000};
  std::chrono::seconds stall_timeout{30};       // without a single byte
  int attempts = 5;                             // in a row without progress
  std::chrono::milliseconds first_pause{1000};  // doubled after each attempt
  Redirects redirects = Redirects::kAnywhere;
  std::string address_from = "HF_ENDPOINT";  // what messages say to check when a server is wrong
  std::function<bool()> stop_requested = [] { return false; };
  std::function<void(const std::string&)> on_retry = [](const std::string&) {};
};

struct HttpAnswer {
  long status = 0;
  std::map<std::string, std::string> headers;  // of the last hop, names in lower case
  std::string body;                            // empty where a sink took it

  // The header's value, "" when the server did not send it.
  std::string header(const std::string& name) const;
};

// Where a download goes. What it throws ends the transfer and reaches the caller.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  // Bytes that are already there, which the server is asked to leave out.
  virtual std::int64_t offset() const = 0;
  // Called once an attempt, before the first byte: status 200 (all bytes from 0 follow) or 206.
  virtual void begin(const HttpAnswer& answer) = 0;
  virtual void write(std::string_view bytes) = 0;
  // Whether all is there; if not, the attempt counts as broken off.
  virtual bool complete() const = 0;
};

// The secret `token` ("" for none) is sent to the origin of `address` and to no other.
struct HttpCredentials {
  std::string address;
  std::string token;
};

// One connection at a time; not for several threads.
class HttpClient {
 public:
  HttpClient(HttpCredentials credentials, HttpOptions options);
  ~HttpClient();

  // All throw NetworkFailure when the attempts are used up - or at once when there is no connection
  // and there never was one: a wrong address stays wrong -, Error for what cannot work
  // (certificates, too many redirects), TransferStopped when asked to stop.
  HttpAnswer get(const std::string& url);
  // Follows redirects as long as they stay on one server, and returns the one that leads away.
  HttpAnswer head(const std::string& url);
  HttpAnswer download(const std::string& url, HttpSink& sink);

 private:
  struct Request;

  HttpAnswer with_retries(const Request& request);
  HttpAnswer follow(const Request& request);
  HttpAnswer hop(const Request& request, const std::string& url, std::string& location);
  void pause(std::chrono::milliseconds time) const;

  const HttpCredentials credentials_;
  const std::string trusted_origin_;
  const HttpOptions options_;
  bool reached_ = false;                               // some server has taken a connection
  const std::unique_ptr<void, void (*)(void*)> curl_;  // keeps connections between requests
};

// Throws Error, in words of its own each, where a redirect of `from` to `to` may not be followed:
// to what is no http or https address, from https to http, and with kOnOneServer to another origin.
void check_redirect(const std::string& from, const std::string& to, const HttpOptions& options);

// Scheme, host and port: "https://huggingface.co:443". Two addresses with the same origin are
// served by the same party. Throws Error for what is no http or https address.
std::string url_origin(const std::string& url);

// Whether others can read on its way what is sent to `url`: it is http, and not to this machine.
bool travels_in_clear(const std::string& url);

// `url` fit for a message: without user, password, query and fragment, which may hold secrets (a
// content server signs its addresses in the query).
std::string shown_url(const std::string& url);

// `text` with all but letters, digits and "-_.~" as %XX, and "/" too unless `keep_slashes`.
std::string url_encoded(const std::string& text, bool keep_slashes);

}  // namespace pressroom
