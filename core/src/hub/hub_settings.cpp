#include "hub/hub_settings.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/environment.h"
#include "hub/http.h"
#include "hub/hub_cache.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

std::string without_blanks(std::string text) {
  const char* blanks = " \t\r\n";
  text.erase(text.find_last_not_of(blanks) + 1);
  text.erase(0, std::min(text.find_first_not_of(blanks), text.size()));
  return text;
}

HubToken read_token() {
  for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}) {
    const std::string value = without_blanks(environment_value(name));
    if (!value.empty()) return {value, name};
  }
  fs::path file = environment_path("HF_TOKEN_PATH");
  if (file.empty()) file = hub_home() / "token";
  std::ifstream in(file);
  const std::string value = without_blanks(
      std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()));
  return value.empty() ? HubToken() : HubToken{value, file.string()};
}

// Anything else could end the header it is sent in.
void check_token(const HubToken& token) {
  const bool printable = std::all_of(token.value.begin(), token.value.end(),
                                     [](char c) { return c > ' ' && c <= '~'; });
  if (printable) return;
  throw Error({"the hub token is not one", token.source, "letters and digits, as in hf_...",
               "blanks or characters that cannot be printed",
               "copy it again from the page of your account's access tokens"});
}

bool is_true(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return word == "1" || word == "ON" || word == "YES" || word == "TRUE";
}

}  // namespace

fs::path hub_home() {
  const fs::path home = environment_path("HF_HOME");
  if (!home.empty()) return home;
  const fs::path caches = environment_path("XDG_CACHE_HOME");
  return (caches.empty() ? user_home() / ".cache" : caches) / "huggingface";
}

HubSettings hub_settings_from_environment() {
  HubSettings settings;
  std::string endpoint = environment_value("HF_ENDPOINT");
  while (!endpoint.empty() && endpoint.back() == '/') endpoint.pop_back();
  if (!endpoint.empty()) {
    try {
      url_origin(endpoint);
    } catch (const Error&) {
      throw Error({"HF_ENDPOINT is no address", "", "https://HOST[:PORT][/PATH]",
                   shown_url(endpoint), "unset it, or name a mirror of https://huggingface.co"});
    }
    settings.endpoint = endpoint;
  }
  settings.token = read_token();
  check_token(settings.token);
  settings.cache_root = hub_cache_root();
  settings.offline = is_true(environment_value("HF_HUB_OFFLINE"));
  return settings;
}

}  // namespace pressroom
