// From the bytes of a bundle to a plugin that campaigns find: judged, unpacked, asked, and only
// then named by the profile.
//
//   BundleOffer offer;
//   offer.bytes = text_of_file(file);
//   offer.where = file;
//   const Installation done = install_bundle(offer, options);
//
// A bundle that is refused leaves nothing behind; but one that does not build, or answers
// otherwise, files in the store that no profile names. A process that is killed, or a disk that is
// full, leaves the profile as it was.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/limited_command.h"
#include "install/voucher.h"
#include "store/profile.h"

namespace pressroom {

// A bundle, where it is from, and who may vouch for it.
struct BundleOffer {
  std::string bytes;
  std::string where;       // for messages: its file, or "lab, bundles/h2o-1.1.0.press.tar.zst"
  std::string repository;  // the name it is known by here; "" for a file that was given
  std::string location;    // of the repository, or of the file
  Vouchers vouchers;
};

struct InstallOptions {
  std::filesystem::path home;
  bool ask_golden = true;
  CommandLimits limits;  // of the process that is asked for the golden
  // Is told of steps that take time, one line each.
  std::function<void(const std::string&)> on_step = [](const std::string&) {};
};

struct Installation {
  InstalledPlugin plugin;
  std::int64_t generation = 0;  // of the profile that has it
  bool was_there = false;       // the same bundle, vouched for and asked alike: nothing was done
};

// Installs for this kind of harness. Before anything is written, the bundle's structure, the hash
// of every file, the signature and the SDK it is written for are held against what they must be.
// A variant for this harness is used, else the plugin is built from the bundle's source; what the
// compiler says is kept in HOME/logs. Throws Error for what is refused, Interrupted on request.
Installation install_bundle(const BundleOffer& offer, const InstallOptions& options);

}  // namespace pressroom
