// What a command has to know of a campaign before its config can be checked, which takes the
// plugins: where these are, what the directory is called, and what follows a run.
//
//   const CampaignPreview preview = preview_campaign("campaign.yaml", overrides);
//   PluginHost host(plugin_search_path(preview.plugin_dirs));
//   const CampaignConfig config = load_config("campaign.yaml", overrides, host);
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.h"

namespace pressroom {

struct CampaignPreview {
  std::filesystem::path file;  // it was read from
  std::string name;            // as written; "" where it is none
  std::vector<std::string> tags;
  std::vector<std::filesystem::path> plugin_dirs;  // absolute, those that are there
  std::string on_end;

  // Where its results lie unless the user says otherwise: "results/<name>". Throws Error where
  // the name could not be that of a folder.
  std::filesystem::path usual_directory() const;
};

// Reads `file` with `overrides` applied, and asks no plugin. Mistakes are for load_config to tell:
// what holds one is left out here. Throws Error where the file cannot be read or is no YAML.
CampaignPreview preview_campaign(const std::filesystem::path& file,
                                 const std::vector<Override>& overrides);

}  // namespace pressroom
