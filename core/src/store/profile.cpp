#include "store/profile.h"

#include <algorithm>
#include <set>
#include <system_error>
#include <tuple>
#include <utility>

#include "pressroom/error.h"
#include "store/generations.h"
#include "store/home_files.h"
#include "store/plugin_home.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

bool is_before(const InstalledPlugin& a, const InstalledPlugin& b) {
  return std::tie(a.kind, a.name, a.version) < std::tie(b.kind, b.name, b.version);
}

}  // namespace

bool operator==(const InstalledPlugin& a, const InstalledPlugin& b) {
  const auto all = [](const InstalledPlugin& plugin) {
    return std::tie(plugin.kind, plugin.name, plugin.version, plugin.bundle_sha256,
                    plugin.file_sha256, plugin.file, plugin.built_here, plugin.repository,
                    plugin.location, plugin.key, plugin.golden);
  };
  return all(a) == all(b);
}

void Profile::add(InstalledPlugin plugin) {
  const auto place = std::lower_bound(plugins.begin(), plugins.end(), plugin, is_before);
  if (place != plugins.end() && !is_before(plugin, *place)) {
    *place = std::move(plugin);
  } else {
    plugins.insert(place, std::move(plugin));
  }
}

std::size_t Profile::remove(const std::string& name, const std::optional<Version>& version) {
  const auto is_meant = [&](const InstalledPlugin& plugin) {
    return plugin.name == name && (!version || plugin.version == *version);
  };
  const auto rest = std::remove_if(plugins.begin(), plugins.end(), is_meant);
  const auto removed = static_cast<std::size_t>(plugins.end() - rest);
  plugins.erase(rest, plugins.end());
  return removed;
}

Profile read_profile(const fs::path& home, const std::string& variant) {
  const Generations generations(home, variant);
  std::int64_t in_use = generations.in_use();
  for (;;) {
    if (in_use == 0) return {};
    try {
      return generations.read(in_use);
    } catch (const Error&) {
      // Others may have switched so often meanwhile that it is no longer kept.
      const std::int64_t now = generations.in_use();
      if (now == in_use) throw;
      in_use = now;
    }
  }
}

std::vector<Profile> profile_generations(const fs::path& home, const std::string& variant) {
  const Generations generations(home, variant);
  std::vector<Profile> profiles;
  for (const std::int64_t number : generations.numbers()) {
    // One that is no longer kept by now is not there.
    std::error_code ignored;
    std::optional<Profile> profile = generations.read_if_right(number);
    if (!profile && !fs::exists(generations.folder_of(number), ignored)) continue;
    profiles.push_back(profile ? *std::move(profile) : generations.read(number));
  }
  return profiles;
}

std::vector<std::string> bundles_in_use(const fs::path& home) {
  std::set<std::string> bundles;
  if (!check_home_folder(home, "profiles")) return {};
  const fs::path folder = plain_path(home) / "profiles";
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string variant = entry->path().filename().string();
    if (!is_variant(variant)) continue;
    for (const Profile& profile : profile_generations(home, variant)) {
      for (const InstalledPlugin& plugin : profile.plugins) bundles.insert(plugin.bundle_sha256);
    }
  }
  if (failed) {
    throw Error({"the profiles of the plugin home cannot be listed", folder.string(),
                 "a folder that this user may read", failed.message(), "check its permissions"});
  }
  return {bundles.begin(), bundles.end()};
}

}  // namespace pressroom
