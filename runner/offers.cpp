#include "offers.h"

#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "base/utc_time.h"
#include "base/utf8.h"
#include "base/whole_file.h"
#include "bundle/bundle_archive.h"
#include "plugin/plugin_reference.h"
#include "pressroom/error.h"
#include "store/plugin_home.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

std::string names_of(const std::vector<KnownRepository>& known) {
  std::vector<std::string> names;
  names.reserve(known.size());
  for (const KnownRepository& one : known) names.push_back(one.name);
  return joined(names);
}

// `given` is what was typed, for messages.
PublicKey public_key_from(const std::string& word, const std::string& given) {
  std::error_code ignored;
  const bool is_file = fs::exists(word, ignored);
  if (!is_file && word.find("RW") == std::string::npos) {  // every key's line begins so
    throw Error({"there is no such key", given, "a line that begins with RW, or a file with one",
                 "neither", "check the path"});
  }
  if (!is_file) return PublicKey::parse(word, given);
  std::string why;
  const std::optional<std::string> text = read_regular_file(word, why);
  if (text) return PublicKey::parse(*text, word);
  throw Error({"the key cannot be read", given, "a file with a public key", why, "check the path"});
}

}  // namespace

Repositories::Repositories(const fs::path& home, std::function<bool()> stop_requested)
    : stop_requested_(std::move(stop_requested)) {
  for (const fs::path& one : {home, shared_plugin_home()}) {
    for (const KnownRepository& known : known_repositories(one)) {
      if (home_of_.emplace(known.name, one).second) known_.push_back(known);
    }
  }
}

Repository& Repositories::open(const std::string& name_or_location) {
  const KnownRepository& known = find_repository(known_, name_or_location);
  const auto found = opened_.find(known.name);
  if (found != opened_.end()) return found->second;
  return opened_
      .emplace(known.name,
               Repository::open(home_of_.at(known.name), known, utc_now(), stop_requested_))
      .first->second;
}

std::vector<FoundBundle> Repositories::find_all(const std::string& reference,
                                                const std::string& only_in) {
  const PluginReference wanted = parse_plugin_reference(reference);
  const std::string only = only_in.empty() ? "" : find_repository(known_, only_in).name;
  std::vector<FoundBundle> all;
  for (const KnownRepository& known : known_) {
    // One that cannot be reached is in nobody's way who wants nothing of it.
    if (!only.empty() && known.name != only) continue;
    Repository& repository = open(known.name);
    for (const IndexedBundle* bundle : repository.index().versions_of(wanted.name)) {
      if (wanted.version.empty() || version_begins_with(bundle->version.text(), wanted.version)) {
        all.push_back({&repository, *bundle});
      }
    }
  }
  return all;
}

FoundBundle Repositories::find(const std::string& reference, const std::string& only_in) {
  if (known_.empty()) {
    throw Error({"no repository is known", "", "one at least, to look for " + reference, "none",
                 "add one: pressroom repo add NAME FOLDER_OR_ADDRESS --key KEY"});
  }
  const std::vector<FoundBundle> all = find_all(reference, only_in);
  if (all.empty()) {
    throw Error({"no repository has " + reference, "",
                 "a plugin of " + (only_in.empty() ? names_of(known_) : only_in), "",
                 "pressroom plugin search lists what there is"});
  }
  for (const FoundBundle& one : all) {
    if (one.repository == all.front().repository) continue;
    const std::string first = all.front().repository->known().name;
    throw Error({"several repositories have " + reference, "", "one of them",
                 first + ", " + one.repository->known().name,
                 "say which is meant: --from " + first});
  }
  return all.front();
}

BundleOffer Repositories::offer(const FoundBundle& found, bool allow_unsigned) const {
  Repository& repository = *found.repository;
  BundleOffer offer;
  offer.bytes = repository.fetch(found.bundle);
  offer.where = repository.known().name + ", " + found.bundle.file;
  offer.repository = repository.known().name;
  offer.location = repository.known().location;
  offer.vouchers.keys = repository.known().keys;
  offer.vouchers.check = [&repository](const PublicKey& key) { repository.check_key(key); };
  offer.vouchers.allow_unsigned = allow_unsigned;
  return offer;
}

BundleOffer offer_of_file(const fs::path& file, const std::vector<PublicKey>& keys,
                          bool allow_unsigned) {
  BundleOffer offer;
  offer.bytes = bundle_file_bytes(file);
  offer.where = file.string();
  // A path may be any bytes, and what is kept of it is a line of text.
  offer.location = printable_line(fs::absolute(file).lexically_normal().string());
  offer.vouchers.keys = keys;
  offer.vouchers.allow_unsigned = allow_unsigned;
  return offer;
}

bool names_a_bundle_file(const std::string& word) {
  return word.find('/') != std::string::npos || ends_with(word, ".press.tar.zst");
}

std::vector<PublicKey> public_keys_from(const po::variables_map& values,
                                        const std::string& option) {
  std::vector<PublicKey> keys;
  if (values.count(option) == 0) return keys;
  for (const std::string& word : values[option].as<std::vector<std::string>>()) {
    keys.push_back(public_key_from(word, "--" + option + " " + word));
  }
  return keys;
}

}  // namespace pressroom
