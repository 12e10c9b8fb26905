#include "hub/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <memory>

#include "pressroom/error.h"

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
  if (curl_url_get(url.get(), which, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return "";
  const std::string copy(text);
  curl_free(text);
  return copy;
}

bool is_this_machine(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  unsigned char bytes[4] = {};
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

}  // namespace pressroom
