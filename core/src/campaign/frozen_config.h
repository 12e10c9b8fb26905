// The config that a campaign's directory was begun with: the directory holds one campaign, and what
// it resolved to then is what every later run in it has to resolve to.
#pragma once

#include <filesystem>
#include <string>

#include "config/config.h"

namespace pressroom {

// The resolved config as a directory keeps it: without what says how fast and not what.
std::string frozen_yaml(CampaignConfig config);

// Throws Error when another resolved config than `yaml` is stored in `directory`.
void check_stored_config(const std::filesystem::path& directory, const std::string& yaml);

}  // namespace pressroom
