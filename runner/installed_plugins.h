// The plugins that were installed as bundles: where they are kept, and what the host is told.
#pragma once

#include <boost/program_options.hpp>
#include <filesystem>
#include <vector>

#include "plugin/plugin_catalog.h"
#include "store/profile.h"

namespace pressroom {

// --all-users, and the home that a command with it changes: the user's own, or that of everybody
// who uses this Pressroom.
void add_home_option(boost::program_options::options_description& options);
std::filesystem::path home_from(const boost::program_options::variables_map& values);

// The homes that plugins are looked for in, the user's own first; those that are there.
std::vector<std::filesystem::path> plugin_homes();

// One plugin of a profile, as the host takes it.
VouchedPlugin vouched(const InstalledPlugin& plugin, const std::filesystem::path& home);

// What is installed for this harness, in all homes; of a kind, name and version that two have, the
// first. A home that cannot be read is a warning: what it has is not found then.
std::vector<VouchedPlugin> installed_plugins();

}  // namespace pressroom
