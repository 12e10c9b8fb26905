#include "hub/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <thread>
#include <utility>

#include "hub/transfer.h"

namespace pressroom {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Url parse(const std::string& url) {
  Url parsed(curl_url(), &curl_url_cleanup);
  PRESSROOM_ASSERT(parsed != nullptr);
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) parsed.reset();
  return parsed;
}

std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  // With the port, written or not: the token goes by origin, and both spellings are the same one.
  if (curl_url_get(url.get(), which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  const std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_this_machine(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  unsigned char bytes[4] = {};
  // All of 127.0.0.0/8 is this machine, not 127.0.0.1 alone (RFC 1122).
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 && bytes[0] == 127;
}

}  // namespace

std::string url_origin(const std::string& url) {
  const Url parsed = parse(url);
  const std::string scheme = parsed ? part(parsed, CURLUPART_SCHEME) : "";
  if (scheme != "http" && scheme != "https") {
    throw Error({"this is no web address", "", "http:// or https://", shown_url(url), ""});
  }
  std::string host = part(parsed, CURLUPART_HOST);
  for (char& c : host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return scheme + "://" + host + ":" + part(parsed, CURLUPART_PORT);
}

bool travels_in_clear(const std::string& url) {
  const std::string origin = url_origin(url);
  const std::string scheme = "http://";
  if (origin.compare(0, scheme.size(), scheme) != 0) return false;
  return !is_this_machine(origin.substr(scheme.size(), origin.rfind(':') - scheme.size()));
}

void check_redirect(const std::string& from, const std::string& to, const HttpOptions& options) {
  const std::string old_origin = url_origin(from);
  const std::string new_origin = url_origin(to);
  const auto is_encrypted = [](const std::string& origin) {
    return origin.rfind("https:", 0) == 0;
  };
  // First: of the two it is the worse.
  if (is_encrypted(old_origin) && !is_encrypted(new_origin)) {
    throw Error({"the server redirects to an address that is not encrypted", shown_url(from),
                 "https://", shown_url(to), "check " + options.address_from});
  }
  if (options.redirects == Redirects::kOnOneServer && new_origin != old_origin) {
    throw Error({"the server redirects to another server", shown_url(from), old_origin,
                 shown_url(to), "check " + options.address_from});
  }
}

std::string shown_url(const std::string& url) {
  const Url parsed = parse(url);
  if (!parsed) return "(an address that cannot be parsed)";
  for (const CURLUPart secret :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    curl_url_set(parsed.get(), secret, nullptr, 0);
  }
  char* text = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) return "";
  std::string shown(text);
  curl_free(text);
  // libcurl puts a "/" behind a bare host; callers go on with one of their own.
  if (shown.back() == '/') shown.pop_back();
  return shown;
}

std::string url_encoded(const std::string& text, bool keep_slashes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~' || (c == '/' && keep_slashes);
    if (plain) {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4], kDigits[byte & 0xf]};
  }
  return encoded;
}

namespace {

constexpr int kMostRedirects = 10;
constexpr std::chrono::milliseconds kLongestPause(60000);
constexpr std::chrono::milliseconds kStopCheckInterval(50);

void* new_curl() {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  PRESSROOM_ASSERT(ready == CURLE_OK);
  CURL* curl = curl_easy_init();
  PRESSROOM_ASSERT(curl != nullptr);
  return curl;
}

bool is_redirect(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool is_transient(long status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

// What a server that is busy asks for; 0 when it names no number of seconds.
std::chrono::milliseconds retry_after(const HttpAnswer& answer) {
  const std::string text = answer.header("retry-after");
  if (text.empty() || text.size() > 6 ||
      text.find_first_not_of("0123456789") != std::string::npos) {
    return std::chrono::milliseconds(0);
  }
  return std::chrono::seconds(std::stol(text));
}

[[noreturn]] void fail_to_connect(const std::string& url, const std::string& reason,
                                  const std::string& address_from) {
  throw NetworkFailure(
      {"the server cannot be reached", shown_url(url), "a connection", reason,
       "check the network, and " + address_from +
           " and https_proxy where they are set; then run the same command again"});
}

// A list of request headers, freed at its end.
class HeaderList {
 public:
  ~HeaderList() { curl_slist_free_all(list_); }
  void add(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

}  // namespace

struct HttpClient::Request {
  std::string url;
  bool only_head = false;
  HttpSink* sink = nullptr;
};

std::string HttpAnswer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

HttpClient::HttpClient(HttpCredentials credentials, HttpOptions options)
    : credentials_(std::move(credentials)),
      trusted_origin_(url_origin(credentials_.address)),
      options_(std::move(options)),
      curl_(new_curl(), [](void* curl) { curl_easy_cleanup(curl); }) {}

HttpClient::~HttpClient() = default;

HttpAnswer HttpClient::get(const std::string& url) { return with_retries({url, false, nullptr}); }

HttpAnswer HttpClient::head(const std::string& url) { return with_retries({url, true, nullptr}); }

HttpAnswer HttpClient::download(const std::string& url, HttpSink& sink) {
  return with_retries({url, false, &sink});
}

HttpAnswer HttpClient::with_retries(const Request& request) {
  std::int64_t furthest = request.sink != nullptr ? request.sink->offset() : 0;
  std::string reason;
  for (int attempt = 1;; ++attempt) {
    std::chrono::milliseconds wanted(0);
    try {
      HttpAnswer answer = follow(request);
      const bool success = answer.status == 200 || answer.status == 206;
      // Where an answer names no length, libcurl takes a connection that breaks for its end.
      const bool cut = success && request.sink != nullptr && !request.sink->complete();
      if (!cut && !is_transient(answer.status)) return answer;
      reason = cut ? "the connection ended early" : "status " + std::to_string(answer.status);
      wanted = retry_after(answer);
    } catch (const TransientFailure& failure) {
      reason = failure.reason;
      reached_ = reached_ || failure.connected;
      // No server was ever there: a wrong address or no network, which waiting does not change.
      if (!reached_) fail_to_connect(request.url, reason, options_.address_from);
    }
    // Whoever gets further each time may go on; one who starts anew each time may not.
    if (request.sink != nullptr && request.sink->offset() > furthest) {
      furthest = request.sink->offset();
      attempt = 1;
    }
    if (attempt >= options_.attempts) break;
    // `attempts` is the caller's: unbounded, the shift would overflow.
    const auto doubled = options_.first_pause * (1 << std::min(attempt - 1, 10));
    options_.on_retry(reason + "; trying again");
    pause(std::min(std::max<std::chrono::milliseconds>(doubled, wanted), kLongestPause));
  }
  throw NetworkFailure(
      {"the download failed", shown_url(request.url), "an answer",
       reason + ", " + std::to_string(options_.attempts) + " times",
       "check the network, then run the same command again: it goes on from here"});
}

HttpAnswer HttpClient::follow(const Request& request) {
  std::string url = request.url;
  // Not left to libcurl: for each hop it is decided anew who may see the token.
  for (int redirects = 0; redirects <= kMostRedirects; ++redirects) {
    std::string location;
    HttpAnswer answer = hop(request, url, location);
    if (!is_redirect(answer.status) || location.empty()) return answer;
    const std::string origin = url_origin(location);
    // The hub names size and hash on the redirect itself, which HubApi::look_up reads.
    if (request.only_head && origin != url_origin(url)) return answer;
    check_redirect(url, location, options_);
    url = location;
  }
  throw Error({"the server redirects without end", shown_url(request.url),
               "at most " + std::to_string(kMostRedirects) + " redirects", shown_url(url),
               "check " + options_.address_from});
}

HttpAnswer HttpClient::hop(const Request& request, const std::string& url, std::string& location) {
  CURL* curl = curl_.get();
  // What was set for the hop before must not stay, its token least of all. Connections do.
  curl_easy_reset(curl);
  Transfer transfer(curl, request.sink, options_);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "pressroom/" PRESSROOM_VERSION);
  curl_easy_setopt(curl, CURLOPT_NOBODY, request.only_head ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                   static_cast<long>(options_.connect_timeout.count()));
  // A limit to silence and not to the whole transfer: a large file may take hours.
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_timeout.count()));
  // What fix_for (hub/transfer.cpp) advises behind a proxy with certificates of its own.
  if (const char* certificates = std::getenv("SSL_CERT_FILE"); certificates && *certificates) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, certificates);
  }
  HeaderList headers;
  if (!credentials_.token.empty() && url_origin(url) == trusted_origin_) {
    headers.add("Authorization: Bearer " + credentials_.token);
  }
  if (request.sink != nullptr && request.sink->offset() > 0) {
    headers.add("Range: bytes=" + std::to_string(request.sink->offset()) + "-");
  }
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  HttpAnswer answer = transfer.perform(url);
  reached_ = true;
  char* next = nullptr;
  curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &next);
  location = next == nullptr ? "" : next;
  return answer;
}

void HttpClient::pause(std::chrono::milliseconds time) const {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (options_.stop_requested()) throw TransferStopped();
    std::this_thread::sleep_for(std::min(kStopCheckInterval, time));
  }
}

}  // namespace pressroom
