#include <algorithm>
#include <iostream>

#include "bundle/bundle_archive.h"
#include "bundle/bundle_contents.h"
#include "bundle/member_path.h"
#include "command.h"
#include "pressroom/error.h"
#include "signing/signature.h"
#include "signing_key.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

// The manifest has the hash of every other file: who signs it signs them all.
void sign_bundle(const std::string& file, const SecretKey& key) {
  BundleMembers members = read_bundle(file);
  const BundleManifest manifest = verify_contents(members, file);
  const std::string comment = manifest.name + " " + manifest.version.text();
  members[kSignaturePath] = {sign(members.at(kManifestPath).bytes, key, comment), false};
  write_bundle(members, file);
  std::cout << file << ": signed by key " << key_id_text(key.public_key().id) << "\n";
}

}  // namespace

int command_plugin_sign(const Words& words) {
  po::options_description options("options");
  add_key_options(options);
  options.add_options()("new-key", po::value<std::string>()->value_name("FILE"),
                        "make a key instead: FILE, and FILE.pub to give to others");
  const bool makes_key = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word.rfind("--new-key", 0) == 0;
  });
  const po::variables_map values =
      parse_words(words, "plugin sign BUNDLE... --key FILE | --new-key FILE", options,
                  makes_key ? Words{} : Words{"bundles..."});
  watch_signals();
  if (makes_key) {
    const std::string path = values["new-key"].as<std::string>();
    const PublicKey key = make_signing_key(path, values);
    std::cout << path << ": a new secret key; keep it, and nobody else\n"
              << path << ".pub: " << key.line() << ", for those who are to trust it\n";
    return kDone;
  }
  const SecretKey key = signing_key(values);
  for (const std::string& file : values["bundles"].as<Words>()) sign_bundle(file, key);
  return kDone;
}

}  // namespace pressroom
