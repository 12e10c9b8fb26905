// Which files of a repository make a model that Pressroom can read.
//
//   choose_files(listing, name, {});            // config.json, tokenizer.json, *.safetensors, ...
//   choose_files(listing, name, {"a.gguf"});    // that file and no other
#pragma once

#include <string>
#include <vector>

#include "hub/hub_api.h"

namespace pressroom {

// With `wanted` empty: the configs, the tokenizer, and the weights as safetensors (those that
// model.safetensors.index.json stands for where there is no model.safetensors), all at the top of
// the repository; or its only GGUF file where it has no safetensors. Throws Error, saying what to
// ask for instead, where `wanted` has a name that is not there, or the repository has no config, no
// weights, weights only in formats that run code (.bin), or several GGUF files.
std::vector<HubFile> choose_files(const HubListing& listing, const HubName& name,
                                  const std::vector<std::string>& wanted);

}  // namespace pressroom
