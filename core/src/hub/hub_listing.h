// What the hub says a repository holds, as values that may be trusted, and which files of it make a
// model that Pressroom can read.
//
//   const HubListing listing = parse_listing(answer.body, url);
//   choose_files(listing, name, {});            // config.json, tokenizer.json, *.safetensors, ...
//   choose_files(listing, name, {"a.gguf"});    // that file and no other
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hub/hub_cache.h"

namespace pressroom {

struct HubFile {
  std::string name;                  // relative, "/" between folders
  std::optional<std::int64_t> size;  // bytes
  // Names the content: SHA-256 of large files (64 hex digits), git's SHA-1 of others (40), or what
  // a mirror calls it. Empty while unknown.
  std::string etag;
};

struct HubListing {
  std::string commit;          // 40 hex digits
  std::vector<HubFile> files;  // sorted by name
};

// Of the answer to /api/models/NAME/revision/REVISION?blobs=true. Throws Error, naming `url`, for
// what is no such answer, and for file names that are absolute, empty or lead out of the
// repository.
HubListing parse_listing(const std::string& json, const std::string& url);

// The etag of a header ("\"abc\"", "W/\"abc\""), without what is around it. Throws Error, naming
// `url`, unless it can be a file's name.
std::string parse_etag(const std::string& header, const std::string& url);

// The files to download. With `wanted` empty: the configs, the tokenizer, and the weights as
// safetensors (those that model.safetensors.index.json stands for where there is no
// model.safetensors), all at the top of the repository; or its only GGUF file where it has no
// safetensors. Throws Error, saying what to ask for instead, where `wanted` has a name that is not
// there, or the repository has no config, no weights, weights only in formats that run code (.bin),
// or several GGUF files.
std::vector<HubFile> choose_files(const HubListing& listing, const HubName& name,
                                  const std::vector<std::string>& wanted);

}  // namespace pressroom
