#include "print_installation.h"

#include <iostream>

#include "base/utf8.h"
#include "plugin/manifest.h"
#include "signing/public_key.h"

namespace pressroom {

std::string provenance_words(const InstalledPlugin& plugin) {
  const std::string from =
      plugin.repository.empty() ? "the file " + plugin.location : "repository " + plugin.repository;
  if (plugin.key.empty()) return from + ", unsigned";
  return from + ", signed by key " + key_id_text(PublicKey::parse(plugin.key, "the profile").id);
}

void print_installation(const Installation& done) {
  const InstalledPlugin& plugin = done.plugin;
  std::cout << quoted_label(plugin.kind, plugin.name) << " " << plugin.version.text()
            << (done.was_there ? " is installed already, from " : " is installed, from ")
            << printable(provenance_words(plugin)) << "\n";
  if (done.was_there) return;
  if (plugin.built_here) std::cout << "  built here from the bundle's source\n";
  std::cout << "  golden answers: " << plugin.golden << "\n"
            << "  use it as \"" << plugin.name << "\", or as \"" << plugin.name << "@"
            << plugin.version.text() << "\" where several are installed\n";
}

}  // namespace pressroom
