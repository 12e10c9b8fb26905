#include "install/install.h"

#include <algorithm>
#include <optional>

#include "base/sha256.h"
#include "bundle/bundle_contents.h"
#include "bundle/member_path.h"
#include "bundle/variant.h"
#include "install/golden_run.h"
#include "install/source_build.h"
#include "plugin/manifest.h"
#include "plugin/plugin_file.h"
#include "pressroom/error.h"
#include "store/bundle_store.h"
#include "store/plugin_home.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

struct JudgedBundle {
  BundleMembers members;
  BundleManifest manifest;
  std::string sha256;
  std::string key;
};

std::string title(const BundleManifest& manifest) {
  return manifest.name + " " + manifest.version.text();
}

void check_sdk(const BundleManifest& manifest, const std::string& where) {
  if (manifest.sdk.holds(this_sdk())) return;
  throw Error({quoted_label(manifest.kind, manifest.name) + " is written for another plugin SDK",
               where, "one that takes SDK " + this_sdk().text() + ", which this Pressroom has",
               "SDK " + manifest.sdk.minimum.text() + " to below " + manifest.sdk.below.text(),
               "look for another version of it (pressroom plugin info " + manifest.name +
                   "), or for a Pressroom with that SDK"});
}

JudgedBundle judge(const BundleOffer& offer) {
  JudgedBundle bundle;
  bundle.sha256 = sha256_hex(offer.bytes);
  bundle.members = parse_bundle(offer.bytes, offer.where);
  bundle.manifest = verify_contents(bundle.members, offer.where);
  bundle.key = voucher_of(bundle.members, offer.where, offer.vouchers);
  check_sdk(bundle.manifest, offer.where);
  return bundle;
}

// The shared object of the bundle for this harness, where there is one that it can load.
std::optional<fs::path> fitting_variant(const fs::path& folder, const BundleManifest& manifest) {
  const fs::path file =
      folder / kVariantsFolder / variant_name() / (manifest.name + std::string(".so"));
  if (!fs::exists(file)) return std::nullopt;
  // Of the right folder, and still built against other declarations of the SDK, it may be.
  if (incompatibility(read_manifest(file))) return std::nullopt;
  return file;
}

bool is_same(const InstalledPlugin& one, const InstalledPlugin& other) {
  return one.bundle_sha256 == other.bundle_sha256 && one.repository == other.repository &&
         one.key == other.key && (one.golden == other.golden || one.golden == kGoldenPassed);
}

const InstalledPlugin* find_same(const Profile& profile, const InstalledPlugin& plugin) {
  const auto found = std::find_if(profile.plugins.begin(), profile.plugins.end(),
                                  [&](const InstalledPlugin& one) { return is_same(one, plugin); });
  return found == profile.plugins.end() ? nullptr : &*found;
}

// Whether its files are still what they were.
bool is_whole(const InstalledPlugin& plugin, const BundleStore& store, const fs::path& home) {
  return store.has(plugin.bundle_sha256) && store.verify(plugin.bundle_sha256).empty() &&
         fs::is_regular_file(home / plugin.file) &&
         PluginFile(home / plugin.file).sha256() == plugin.file_sha256;
}

InstalledPlugin described(const JudgedBundle& bundle, const BundleOffer& offer,
                          const InstallOptions& options) {
  InstalledPlugin plugin;
  plugin.kind = bundle.manifest.kind;
  plugin.name = bundle.manifest.name;
  plugin.version = bundle.manifest.version;
  plugin.bundle_sha256 = bundle.sha256;
  plugin.repository = offer.repository;
  plugin.location = offer.location;
  plugin.key = bundle.key;
  plugin.golden = options.ask_golden ? kGoldenPassed : kGoldenNotRun;
  return plugin;
}

}  // namespace

Installation install_bundle(const BundleOffer& offer, const InstallOptions& options) {
  const JudgedBundle bundle = judge(offer);
  make_plugin_home(options.home);
  BundleStore store(options.home);
  Installation done;
  done.plugin = described(bundle, offer, options);
  const Profile before = read_profile(options.home, variant_name());
  const InstalledPlugin* const there = find_same(before, done.plugin);
  if (there != nullptr && is_whole(*there, store, options.home)) {
    done.plugin = *there;
    done.generation = before.generation;
    done.was_there = true;
    return done;
  }
  // Held by `store` from here on: others do not remove it, and may install meanwhile.
  const fs::path folder = store.add(bundle.members, bundle.manifest, bundle.sha256);
  std::optional<fs::path> file = fitting_variant(folder, bundle.manifest);
  if (!file) {
    options.on_step(title(bundle.manifest) + " has nothing that was built for this harness (" +
                    variant_name() + "): building it from its source");
    file = store.add_built(
        bundle.sha256, variant_name(), bundle.manifest.name,
        SourceBuild(folder, bundle.manifest, options.home, options.limits.stop_requested).file());
    done.plugin.built_here = true;
  }
  if (options.ask_golden) {
    options.on_step("asking " + title(bundle.manifest) + " for its golden answers");
    require_golden(bundle.members.at(kGoldenPath).bytes, *file, folder / "src", options.limits,
                   offer.where);
  }
  done.plugin.file = fs::relative(*file, options.home).string();
  done.plugin.file_sha256 = PluginFile(*file).sha256();
  const ProfileLock lock(options.home);
  Profile profile = read_profile(options.home, variant_name());
  const auto& plugins = profile.plugins;
  if (std::find(plugins.begin(), plugins.end(), done.plugin) != plugins.end()) {
    // Others have installed it meanwhile, or its files alone were put back: a generation more would
    // be one that going back leads to the same from.
    done.generation = profile.generation;
    done.was_there = there == nullptr;
    return done;
  }
  profile.add(done.plugin);
  profile.made_by = "install " + title(bundle.manifest);
  done.generation = switch_profile(options.home, variant_name(), std::move(profile), lock);
  store.collect(bundles_in_use(options.home), lock);
  return done;
}

}  // namespace pressroom
