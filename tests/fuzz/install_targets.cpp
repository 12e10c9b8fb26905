#include "install_targets.h"

#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

#include "base/sha256.h"
#include "base/strings.h"
#include "bundle/bundle_frame.h"
#include "bundle/variant.h"
#include "install/install.h"
#include "repository_test_support.h"
#include "store/bundle_store.h"
#include "store/plugin_home.h"
#include "store_test_support.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "sings_when_loaded";
constexpr const char* kCanary = "PRESSROOM_TEST_CANARY";

std::string variant_path_here() {
  return kVariantsFolder + variant_name() + "/" + kName + std::string(".so");
}

BundleManifest manifest_here() {
  BundleManifest manifest = small_manifest();
  manifest.name = kName;
  manifest.version = {1, 0, 0};
  manifest.sdk = {this_sdk(), {this_sdk().major + 1, 0}};
  return manifest;
}

BundleMembers unsigned_members(const fs::path& plugin) {
  BundleMembers members = small_bundle();
  members.erase(kManifestPath);
  // Long enough that it is seldom their name which is damaged.
  for (int i = 0; i < 50; ++i) {
    members[kReadmePath].bytes += "It keeps the entries that were attended to most.\n";
    members["src/h2o.cpp"].bytes += "// Score of an entry: what all queries so far gave it.\n";
  }
  members[variant_path_here()] = {read_file(plugin), false};
  return with_manifest(std::move(members), manifest_here());
}

BundleMembers signed_by_a(BundleMembers members) {
  members[kSignaturePath] = {sign(members.at(kManifestPath).bytes, key_of_a(), "a bundle"), false};
  return members;
}

// A tar archive of files by any names, which neither write_bundle nor libarchive would take.
std::string tar_of_any(const BundleMembers& members) {
  constexpr std::size_t kBlock = 512;
  std::string tar;
  for (const auto& [path, member] : members) {
    std::array<char, kBlock> header = {};
    std::memcpy(header.data(), path.data(), std::min<std::size_t>(path.size(), 100));
    std::snprintf(&header[100], 8, "%07o", member.executable ? 0755U : 0644U);
    std::snprintf(&header[108], 8, "%07o", 0U);
    std::snprintf(&header[116], 8, "%07o", 0U);
    std::snprintf(&header[124], 12, "%011zo", member.bytes.size());
    std::snprintf(&header[136], 12, "%011o", 0U);
    std::memset(&header[148], ' ', 8);
    header[156] = '0';
    std::memcpy(&header[257], "ustar\00000", 8);
    unsigned sum = 0;
    for (const char byte : header) sum += static_cast<unsigned char>(byte);
    std::snprintf(&header[148], 8, "%06o", sum);
    tar.append(header.data(), header.size()).append(member.bytes);
    tar.resize((tar.size() + kBlock - 1) / kBlock * kBlock);
  }
  return tar.append(2 * kBlock, '\0');
}

// "PATH\nBYTES"
std::pair<std::string, std::string> path_and_bytes(const std::string& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  return {text.substr(0, end), end < text.size() ? text.substr(end + 1) : ""};
}

// That the canary can sing, tried in a process of its own.
void require_canary(const fs::path& plugin, const fs::path& song) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::setenv(kCanary, song.c_str(), 1);
    ::dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  if (!fs::remove(song)) throw std::runtime_error(plugin.string() + ": no plugin that sings");
}

// A place with a home in it, and what there is beside that.
class Place {
 public:
  explicit Place(const fs::path& plugin) : scratch_(quick_folder()) {
    fs::create_directories(repository());
    require_canary(plugin, song());
  }

  fs::path home() const { return scratch_.path() / "home"; }
  fs::path repository() const { return scratch_.path() / "repository"; }

  // Of the process that reads inputs: where the plugin would sing, and nothing to build it with.
  void enter() const {
    for (const auto& entry : fs::directory_iterator(scratch_.path())) {
      if (entry.path() != repository()) fs::remove_all(entry.path());
    }
    const fs::path empty = scratch_.path() / "empty";
    fs::create_directory(empty);
    ::setenv(kCanary, song().c_str(), 1);
    ::setenv("TMPDIR", empty.c_str(), 1);
    ::setenv("PATH", empty.c_str(), 1);
  }

  // Throws std::runtime_error for what should not have been done.
  void check(bool is_installed) const {
    for (const auto& entry : fs::recursive_directory_iterator(scratch_.path())) {
      const fs::path inside = entry.path().lexically_relative(scratch_.path());
      if (!may_be(inside, entry)) throw std::runtime_error("it left " + inside.string());
    }
    const Profile profile = read_profile(home(), variant_name());
    if (profile.plugins.size() != (is_installed ? 1U : 0U)) {
      throw std::runtime_error("another profile than what was said");
    }
    for (const InstalledPlugin& plugin : profile.plugins) {
      if (!BundleStore(home()).verify(plugin.bundle_sha256).empty() ||
          sha256_file(home() / plugin.file) != plugin.file_sha256) {
        throw std::runtime_error("the installed plugin is not whole");
      }
    }
  }

 private:
  fs::path song() const { return scratch_.path() / "song"; }

  static bool may_be(const fs::path& inside, const fs::directory_entry& entry) {
    std::vector<std::string> parts;
    for (const fs::path& part : inside) parts.push_back(part.string());
    if (parts[0] == "repository") return true;
    if (parts.size() == 1) return parts[0] == "home" || parts[0] == "empty";
    if (parts[0] != "home") return false;
    const std::set<std::string> known = {"store", "profiles",          "incoming",         "logs",
                                         ".lock", "repositories.json", "repositories.lock"};
    if (known.count(parts[1]) == 0 || entry.is_other()) return false;
    if (entry.is_symlink()) return parts[1] == "profiles" && parts.back() == "current";
    if (parts.size() == 2) return true;
    if (parts[1] == "incoming") return false;
    return parts[1] != "store" || is_sha256(parts[2]);
  }

  ScratchFolder scratch_;
};

InstallOptions options_for(const Place& place) {
  InstallOptions options;
  options.home = place.home();
  options.ask_golden = false;
  return options;
}

BundleOffer offer_of(const std::string& bytes) {
  BundleOffer offer;
  offer.bytes = bytes;
  offer.where = offer.location = "/made/by/a/stranger.press.tar.zst";
  offer.vouchers.keys = {key_of_a().public_key()};
  offer.vouchers.allow_unsigned = true;  // else nothing would get beyond its signature
  return offer;
}

// Installs what `offer` makes, in a home of its own, and looks at what that left.
void install(const Place& place, const std::function<BundleOffer()>& offer) {
  place.enter();
  try {
    install_bundle(offer(), options_for(place));
  } catch (const Error&) {
    place.check(/*is_installed=*/false);
    throw;
  }
  place.check(/*is_installed=*/true);
}

void install_with(const Place& place, const BundleMembers& whole, const std::string& input) {
  const auto [path, bytes] = path_and_bytes(input);
  BundleMembers members = whole;
  members[path] = {bytes, false};
  if (path != kManifestPath && path != kSignaturePath) {
    members.erase(kManifestPath);
    members.erase(kSignaturePath);
    try {
      members = with_manifest(std::move(members), manifest_here());
    } catch (const Error&) {
      members[kManifestPath] = whole.at(kManifestPath);  // a path that no manifest can list
    }
  }
  install(place, [&] { return offer_of(pack_frame(tar_of_any(members))); });
}

// A repository of one bundle, by the paths of its files.
using RepositoryFiles = std::map<std::string, std::string>;

RepositoryFiles published(const Place& place, const BundleMembers& members) {
  const std::string file = bundle_file_name(manifest_here());
  const ScratchFolder made(quick_folder());
  write_file(made.path() / file, bundle_bytes(members, file));
  publish({place.repository(), {made.path() / file}, key_of_a(), kToday});
  RepositoryFiles files;
  for (const auto& entry : fs::recursive_directory_iterator(place.repository())) {
    const std::string path = entry.path().lexically_relative(place.repository()).string();
    if (entry.is_regular_file() && path != ".lock") files[path] = read_file(entry.path());
  }
  return files;
}

// As `plugin install` does, of everything that the index offers.
void install_from(const Place& place, RepositoryFiles files, const std::string& input) {
  auto [path, bytes] = path_and_bytes(input);
  const bool is_signed = begins_with(path, "signed ");
  if (is_signed) path.erase(0, 7);
  // What else lies there nobody reads.
  const auto file = files.find(path);
  if (file != files.end()) file->second = bytes;
  if (is_signed) files[index_signature_path(bytes)] = sign(bytes, key_of_a(), "an index");
  fs::remove_all(place.repository());
  for (const auto& [name, content] : files) write_file(place.repository() / name, content);
  install(place, [&] {
    make_plugin_home(place.home());
    const KnownRepository known = {
        "lab", place.repository().string(), {key_of_a().public_key()}, 0, {}};
    add_repository(place.home(), known);
    const auto lab =
        std::make_shared<Repository>(Repository::open(place.home(), known, kToday, nullptr));
    for (const Problem& problem : lab->check().problems) {
      if (problem.fix.empty()) throw std::runtime_error("no way out of: " + problem.text());
    }
    BundleOffer offer = offer_of(lab->fetch(lab->find(kName)));
    offer.vouchers.check = [lab](const PublicKey& key) { lab->check_key(key); };
    offer.vouchers.allow_unsigned = false;
    return offer;
  });
}

}  // namespace

std::vector<FuzzTarget> install_targets(const fs::path& plugins) {
  const fs::path plugin = plugins / (std::string(kName) + ".so");
  const auto place = std::make_shared<Place>(plugin);
  const BundleMembers bare = unsigned_members(plugin);
  const BundleMembers whole = signed_by_a(bare);
  const std::string bare_bytes = bundle_bytes(bare, kName);
  const std::string whole_bytes = bundle_bytes(whole, kName);
  const auto archive = [](const std::string& bytes) { return unpack_frame(bytes, kName, {}); };

  std::vector<std::string> members;
  for (const auto& [path, member] : whole) members.push_back(path + "\n" + member.bytes);
  const std::string outside = (place->home().parent_path() / "escaped").string();
  for (const std::string& path :
       {outside, std::string("../../../escaped"), std::string("src/../../../../escaped"),
        std::string("src/./escaped"), std::string("SRC/h2o.cpp"), std::string("src"),
        std::string("src/h2o.cpp/x"), std::string("built/x/y.so"), std::string("manifest.sha256"),
        std::string("variants/other/sings_when_loaded.so"), std::string("README.md/x")}) {
    members.push_back(path + "\nx\n");
  }
  const RepositoryFiles files = published(*place, whole);
  std::vector<std::string> repository = {std::string("signed ") + kIndexPath + "\n" +
                                         files.at(kIndexPath)};
  for (const auto& [path, bytes] : files) repository.push_back(path + "\n" + bytes);

  return {{"install_frame",
           {bare_bytes, whole_bytes},
           false,
           [place](const std::string& bytes) { install(*place, [&] { return offer_of(bytes); }); }},
          {"install_archive",
           {archive(bare_bytes), archive(whole_bytes)},
           false,
           [place](const std::string& bytes) {
             install(*place, [&] { return offer_of(pack_frame(bytes)); });
           }},
          {"install_member", members, true,
           [place, whole](const std::string& input) { install_with(*place, whole, input); }},
          {"repository_folder", repository, true,
           [place, files](const std::string& input) { install_from(*place, files, input); }}};
}

}  // namespace pressroom
