// Which plugins there are, known from their manifests alone: no code of theirs has run.
//
//   const PluginCatalog catalog({"/usr/lib/pressroom/plugins"}, installed);
//   catalog.find(PluginKind::kMethod, "h2o").file;
//   catalog.find(PluginKind::kMethod, "my_press@1.2").version;     // "1.2.3", the highest there is
//
// What folders offer is known by its name: there is one of it. What is installed as bundles is
// known by name and version. Where a name is both, the name alone means what the folder offers, and
// the other is there for who asks for its version.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "plugin/manifest.h"
#include "pressroom/error.h"

namespace pressroom {

struct PluginReference;

// A plugin that was installed as a bundle: what the profile says of it.
struct VouchedPlugin {
  PluginKind kind = PluginKind::kMethod;
  std::string name;
  std::string version;
  std::filesystem::path file;
  std::string file_sha256;  // that the file has, or it is not loaded; 64 lower-case hex digits
  PluginOrigin origin;
};

// Plugins that alone may be asked for, and what says so: a lock.
struct PluginHold {
  std::set<const PluginRecord*> records;  // of the catalog
  std::filesystem::path said_by;
};

class PluginCatalog {
 public:
  // As PluginHost's constructor. Throws nothing for a bad plugin: it becomes a refusal.
  PluginCatalog(std::vector<std::filesystem::path> folders,
                const std::vector<VouchedPlugin>& vouched);

  // By kind and name; of one name first what the name alone means, then by version, highest first.
  const std::vector<PluginRecord>& records() const { return records_; }
  const std::vector<Problem>& refused() const { return refused_; }

  // The record that `reference`, NAME or NAME@VERSION, means; of those of `hold` where there is
  // one. Throws Error with the reason it was refused, the versions there are, or a did-you-mean.
  const PluginRecord& find(PluginKind kind, const std::string& reference,
                           const PluginHold* hold = nullptr) const;

 private:
  // One that cannot be used. Where it holds its name and version, no other is taken in its place.
  struct Refusal {
    PluginRecord record;
    Problem problem;
    bool holds = true;
  };

  void add_folders();
  void add_vouched(const std::vector<VouchedPlugin>& vouched);
  // Files that offer the same: used where it is one, and fits.
  void add_offers(std::vector<PluginRecord> offers);
  void refuse(std::vector<PluginRecord> offers, const Problem& problem, bool holds);

  [[noreturn]] void fail(PluginKind kind, const PluginReference& asked) const;
  Problem unknown(PluginKind kind, const PluginReference& asked) const;

  std::vector<std::filesystem::path> folders_;
  std::vector<PluginRecord> records_;
  std::vector<Refusal> refusals_;  // of those that could say who they are
  std::vector<Problem> refused_;
};

}  // namespace pressroom
