// The directories of campaigns below folders: at any depth, within other campaigns too.
//
//   const FoundCampaigns found = find_campaigns({"results"});
//   for (const fs::path& directory : found.directories) read_overview(directory);
#pragma once

#include <filesystem>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// Whether `directory` holds a campaign, whole or damaged: a plan of this program, or a config.yaml
// beside what a run leaves.
bool is_campaign(const std::filesystem::path& directory);

struct FoundCampaigns {
  // Each beginning with the folder that it was found below; those of one folder by name, each once.
  std::vector<std::filesystem::path> directories;
  std::vector<Problem> unreadable;  // folders that could not be looked into
};

// Looks through `folders`, which may be campaigns themselves. Links to folders are followed after
// all that is there without them, and every folder is looked into once: links in a circle end, and
// a campaign that two ways lead to is found by one of them. The configs that a campaign had before
// (its history/) are no campaigns. Throws Error where one of `folders` is no folder.
FoundCampaigns find_campaigns(const std::vector<std::filesystem::path>& folders);

}  // namespace pressroom
