// Which plugins of a campaign nobody vouched for, as its provenance says.
//
//   unsigned_plugins(campaign.provenance);       // {"method my_press 1.2.0"}
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "results/plugins_lock.h"

namespace pressroom {

// Kind, name and version of each plugin in `provenance` (provenance.json) that was installed from
// a bundle without a signature, inner methods too; sorted, each once. None where an older version
// wrote it. The words are the file's: printable() before they are shown.
std::vector<std::string> unsigned_plugins(const nlohmann::ordered_json& provenance);

// The same of the plugins that a lock names.
std::vector<std::string> unsigned_plugins(const PluginsLock& lock);

// "unsigned: method my_press 1.2.0 - nobody vouched for this plugin"; "" where there are none.
std::string unsigned_alert(const std::vector<std::string>& plugins);

}  // namespace pressroom
