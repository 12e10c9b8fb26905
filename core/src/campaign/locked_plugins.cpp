#include "campaign/locked_plugins.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "base/utf8.h"
#include "bundle/variant.h"
#include "plugin/plugin_folders.h"

namespace pressroom {
namespace {

LockedPlugin locked(const PluginRecord& record, const PluginHost& host) {
  LockedPlugin plugin;
  plugin.kind = to_string(record.kind);
  plugin.name = record.name;
  plugin.version = record.version;
  plugin.file_sha256 = host.sha256(record);
  plugin.origin = origin_word(record);
  if (!record.origin) return plugin;
  plugin.bundle_sha256 = record.origin->bundle_sha256;
  // A path may be any bytes, and a lock is a text.
  plugin.repository = printable_line(record.origin->repository);
  plugin.location = printable_line(record.origin->location);
  plugin.key = record.origin->key;
  return plugin;
}

void add_use(const PluginUse& use, PluginKind kind, const PluginHost& host,
             std::vector<LockedPlugin>& plugins) {
  plugins.push_back(locked(host.find(kind, use.name), host));
  for (const auto& [name, inner] : use.inner) {
    add_use(*inner, PluginKind::kMethod, host, plugins);
  }
}

auto identity_of(const LockedPlugin& plugin) {
  return std::tie(plugin.kind, plugin.name, plugin.version);
}

std::string label_of(const LockedPlugin& plugin) {
  return plugin.kind + " \"" + plugin.name + "\" " + plugin.version;
}

// One plugin of a lock among what a host offers.
class LockedSearch {
 public:
  LockedSearch(const LockedPlugin& wanted, const PluginsLock& lock, const PluginHost& host,
               const std::filesystem::path& file)
      : wanted_(wanted), lock_(lock), host_(host), file_(file) {
    for (const PluginRecord& record : host.plugins()) {
      if (to_string(record.kind) != wanted.kind || record.name != wanted.name) continue;
      (record.version == wanted.version ? same_version_ : others_).push_back(&record);
    }
  }

  void run(LockDifferences& found) const {
    if (const PluginRecord* same = same_bits()) {
      found.records.push_back(same);
      return;
    }
    if (const PluginRecord* counterpart = counterpart_of_variant()) {
      found.records.push_back(counterpart);
      found.warnings.push_back(label_of(wanted_) + " is not the same to the bit as in " +
                               file_.string() + ": that is of a harness built as " + lock_.variant +
                               ", this one is " + variant_name());
      return;
    }
    found.problems.push_back(difference());
  }

 private:
  const PluginRecord* same_bits() const {
    const auto same = std::find_if(
        same_version_.begin(), same_version_.end(),
        [&](const PluginRecord* record) { return host_.sha256(*record) == wanted_.file_sha256; });
    return same == same_version_.end() ? nullptr : *same;
  }

  // What another harness has in place of that file, as far as it can be told.
  const PluginRecord* counterpart_of_variant() const {
    if (lock_.variant == variant_name()) return nullptr;
    for (const PluginRecord* record : same_version_) {
      const bool is_same_bundle = record->origin && wanted_.origin == kFromBundle &&
                                  record->origin->bundle_sha256 == wanted_.bundle_sha256;
      const bool is_same_pressroom = wanted_.origin == kBuiltIn &&
                                     origin_word(*record) == std::string(kBuiltIn) &&
                                     lock_.pressroom == PRESSROOM_VERSION;
      if (is_same_bundle || is_same_pressroom) return record;
    }
    return nullptr;
  }

  Problem difference() const {
    const std::string what = same_version_.empty() ? " is locked, and is not here"
                                                   : " is locked, and is another one here";
    return {label_of(wanted_) + what, file_.string(), expected(), got(), fix()};
  }

  std::string expected() const {
    std::string text = "version " + wanted_.version + ", SHA-256 " + wanted_.file_sha256;
    if (wanted_.origin != kFromBundle) return text + " (" + wanted_.origin + ')';
    text += ", bundle " + wanted_.bundle_sha256;
    return wanted_.repository.empty() ? text : text + " of repository " + wanted_.repository;
  }

  std::string got() const {
    std::vector<std::string> found;
    for (const PluginRecord* record : same_version_) {
      found.push_back("SHA-256 " + host_.sha256(*record) + " (" + record->file.string() + ')');
    }
    if (!found.empty()) return joined(found);
    for (const PluginRecord* record : others_) found.push_back("version " + record->version);
    return found.empty() ? "none of this name" : joined(found);
  }

  std::string fix() const {
    if (wanted_.origin == kFromBundle) return "pressroom plugin fetch --lock " + file_.string();
    if (wanted_.origin == kBuiltIn) {
      return "build Pressroom " + lock_.pressroom + " as it was built there (" + lock_.variant +
             ')';
    }
    return "get the file with this hash from who ran the campaign, and add its folder with "
           "--plugin-dir or PRESSROOM_PLUGIN_PATH";
  }

  const LockedPlugin& wanted_;
  const PluginsLock& lock_;
  const PluginHost& host_;
  const std::filesystem::path& file_;
  std::vector<const PluginRecord*> same_version_;
  std::vector<const PluginRecord*> others_;
};

}  // namespace

const char* origin_word(const PluginRecord& record) {
  if (record.origin) return kFromBundle;
  return is_installed_plugin(record.file) ? kBuiltIn : kFromFolder;
}

nlohmann::ordered_json origin_json(const PluginRecord& record) {
  if (!record.origin) return origin_word(record);
  const PluginOrigin& origin = *record.origin;
  nlohmann::ordered_json json = {{"bundle_sha256", origin.bundle_sha256}};
  const auto add = [&json](const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
  };
  add("repository", origin.repository);
  add("location", origin.location);
  add("key", origin.key);
  add("golden", origin.golden);
  if (origin.is_unsigned()) json["unsigned"] = true;
  return json;
}

PluginsLock lock_of(const CampaignConfig& config, const PluginHost& host) {
  PluginsLock lock;
  lock.pressroom = PRESSROOM_VERSION;
  lock.variant = variant_name();
  std::vector<LockedPlugin>& plugins = lock.plugins;
  for (const PluginUse& use : config.methods) add_use(use, PluginKind::kMethod, host, plugins);
  for (const PluginUse& use : config.datasets) add_use(use, PluginKind::kDataset, host, plugins);
  for (const PluginUse& use : config.metrics) add_use(use, PluginKind::kMetric, host, plugins);
  std::sort(plugins.begin(), plugins.end(), [](const LockedPlugin& a, const LockedPlugin& b) {
    return identity_of(a) < identity_of(b);
  });
  // One that is used several times; of one version there is one file.
  const auto end =
      std::unique(plugins.begin(), plugins.end(), [](const LockedPlugin& a, const LockedPlugin& b) {
        return identity_of(a) == identity_of(b);
      });
  plugins.erase(end, plugins.end());
  return lock;
}

LockDifferences lock_differences(const PluginsLock& lock, const PluginHost& host,
                                 const std::filesystem::path& file) {
  LockDifferences found;
  for (const LockedPlugin& wanted : lock.plugins) {
    LockedSearch(wanted, lock, host, file).run(found);
  }
  return found;
}

std::vector<std::string> hold_to_lock(const std::filesystem::path& file, PluginHost& host) {
  const PluginsLock lock = read_plugins_lock(file);
  LockDifferences found = lock_differences(lock, host, file);
  if (!found.problems.empty()) throw Error(std::move(found.problems));
  host.hold_to(found.records, file);
  return std::move(found.warnings);
}

}  // namespace pressroom
