// What the environment says about the hub: where it is, who asks, and where downloads go. The same
// variables as the Python library's.
//
//   HF_ENDPOINT         a mirror in place of https://huggingface.co
//   HF_TOKEN            an access token; else the content of the file HF_TOKEN_PATH, else of
//                       HF_HOME/token, else of ~/.cache/huggingface/token
//   HF_HUB_OFFLINE=1    no download at all
//   HF_HUB_CACHE, ...   see hub_cache_root in hub/hub_cache.h
#pragma once

#include <filesystem>
#include <string>

namespace pressroom {

// A secret: `value` goes into one request header and nowhere else. Messages say `source`.
struct HubToken {
  std::string value;   // empty: none
  std::string source;  // "HF_TOKEN", or the file it was read from
};

struct HubSettings {
  std::string endpoint = "https://huggingface.co";  // without a slash at its end
  HubToken token;
  std::filesystem::path cache_root;
  bool offline = false;
};

// HF_HOME, else XDG_CACHE_HOME/huggingface, else ~/.cache/huggingface.
std::filesystem::path hub_home();

// Throws Error for an HF_ENDPOINT that is no http or https address, and for a token with characters
// that none can have (which it does not repeat).
HubSettings hub_settings_from_environment();

}  // namespace pressroom
