// The user's Hugging Face cache, as the Python library lays it out, so that both find each other's
// downloads:
//
//   <root>/models--EleutherAI--pythia-70m/
//     refs/main                       the commit that the name "main" stood for at the last pull
//     snapshots/<commit>/config.json  -> ../../blobs/<etag>
//     blobs/<etag>                    the bytes
//
//   const HubName name = parse_hub_name("EleutherAI/pythia-70m@main");
//   if (auto snapshot = find_snapshot(name)) use(*snapshot / "config.json");
//   else throw Error(missing_from_cache(name));
//
// Nothing here touches the network; see hub/pull.h for that.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "pressroom/error.h"

namespace pressroom {

struct HubName {
  std::string repository;         // "EleutherAI/pythia-70m", or "gpt2" of the time before owners
  std::string revision = "main";  // a branch, a tag, or a commit

  // As a person writes it: "EleutherAI/pythia-70m", and "@revision" behind it unless it is "main".
  std::string text() const;
};

// Whether `name` has the form of a hub name: "NAME" or "OWNER/NAME", each of letters, digits, "-",
// "_" and ".", then perhaps "@REVISION". Paths ("./x", "/x", "a/b/c", "x/") have not; a relative
// directory "models/pythia" has, so look for a directory first.
bool may_be_hub_name(const std::string& name);

// Throws Error when may_be_hub_name is false.
HubName parse_hub_name(const std::string& name);

// HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub,
// else ~/.cache/huggingface/hub; a leading "~" is the home directory. Empty variables count as
// unset. It need not exist.
std::filesystem::path hub_cache_root();

// The folder of `repository` in the cache: <root>/models--OWNER--NAME. It need not exist.
std::filesystem::path hub_repository_folder(const std::string& repository,
                                            const std::filesystem::path& root = hub_cache_root());

// The snapshot folder that `name` stands for: by refs/<revision>, or by a whole commit or a prefix
// of at least 7 digits that only one snapshot has. Empty where there is none, where it
// cannot be read, or where it holds neither a config.json nor a .gguf file outside its subfolders.
std::optional<std::filesystem::path> find_snapshot(
    const HubName& name, const std::filesystem::path& root = hub_cache_root());

// Why find_snapshot found nothing, and what to do: the command that gets the model, or what is
// wrong with the cache. For names that were first looked for as a directory.
Problem missing_from_cache(const HubName& name,
                           const std::filesystem::path& root = hub_cache_root());

}  // namespace pressroom
