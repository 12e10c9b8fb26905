// One exchange with a server by libcurl: what its callbacks need, and what became of it. HttpClient
// makes one for each hop of a request.
//
//   Transfer transfer(curl, /*sink=*/nullptr, options);
//   curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
//   HttpAnswer answer = transfer.perform(url);
#pragma once

#include <curl/curl.h>

#include <exception>
#include <string>

#include "hub/http.h"

namespace pressroom {

// What an attempt failed from when the next one may succeed. Never leaves HttpClient.
struct TransientFailure {
  std::string reason;
  bool connected = true;  // false: no server, or no proxy, was found or took the connection
};

// Nothing thrown may cross libcurl, so callbacks keep what is thrown until
// libcurl is done.
class Transfer {
 public:
  // `sink` may be null: the body is then kept in the answer. All three must outlive this. Of
  // `options` it is asked whether to stop, and what to say; those of `curl` other than the
  // callbacks are the caller's.
  Transfer(CURL* curl, HttpSink* sink, const HttpOptions& options);
  ~Transfer() { curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, nullptr); }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Performs the exchange that `curl` was set up for. Throws what a callback threw,
  // TransferStopped, TransientFailure, or Error naming `url` where libcurl gives up for good.
  HttpAnswer perform(const std::string& url);

 private:
  static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  void add_header(std::string line);
  void add_body(std::string_view bytes);
  bool goes_to_sink();

  CURL* const curl_;
  HttpSink* const sink_;
  const HttpOptions& options_;
  HttpAnswer answer_;
  bool begun_ = false;
  std::exception_ptr thrown_;
  char reason_[CURL_ERROR_SIZE] = "";
};

}  // namespace pressroom
