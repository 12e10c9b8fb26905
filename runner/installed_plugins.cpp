#include "installed_plugins.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "bundle/variant.h"
#include "pressroom/error.h"
#include "store/plugin_home.h"

namespace pressroom {

namespace po = boost::program_options;
namespace fs = std::filesystem;

void add_home_option(po::options_description& options) {
  options.add_options()("all-users",
                        "for everybody who uses this Pressroom, and not for this user alone");
}

fs::path home_from(const po::variables_map& values) {
  return values.count("all-users") > 0 ? shared_plugin_home() : user_plugin_home();
}

std::vector<fs::path> plugin_homes() {
  std::vector<fs::path> homes;
  const auto add = [&](const fs::path& home) {
    std::error_code failed;
    if (fs::exists(home, failed) && std::find(homes.begin(), homes.end(), home) == homes.end()) {
      homes.push_back(home);
    }
  };
  try {
    add(user_plugin_home());
  } catch (const Error&) {  // a service may have no home folder
  }
  add(shared_plugin_home());
  return homes;
}

VouchedPlugin vouched(const InstalledPlugin& plugin, const fs::path& home) {
  VouchedPlugin result;
  result.kind = plugin.kind;
  result.name = plugin.name;
  result.version = plugin.version.text();
  result.file = home / plugin.file;
  result.file_sha256 = plugin.file_sha256;
  result.origin = {plugin.bundle_sha256, plugin.repository, plugin.location, plugin.key,
                   plugin.golden};
  return result;
}

std::vector<VouchedPlugin> installed_plugins() {
  std::vector<VouchedPlugin> all;
  for (const fs::path& home : plugin_homes()) {
    try {
      for (const InstalledPlugin& plugin : read_profile(home, variant_name()).plugins) {
        const VouchedPlugin one = vouched(plugin, home);
        const bool is_there = std::any_of(all.begin(), all.end(), [&](const VouchedPlugin& other) {
          return other.kind == one.kind && other.name == one.name && other.version == one.version;
        });
        if (!is_there) all.push_back(one);
      }
    } catch (const Error& error) {
      spdlog::warn("installed plugins are left out: {}", error.what());
    }
  }
  return all;
}

}  // namespace pressroom
