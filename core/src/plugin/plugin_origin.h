// Where a plugin's file came from, when it is one that was installed as a bundle.
//
//   PluginOrigin origin;
//   origin.bundle_sha256 = "9f86...";
//   origin.repository = "lab";
//   origin.is_unsigned();          // true: no key vouched for it
//
// What came with the harness, and what lies in a folder, has none: it is told by its path alone.
#pragma once

#include <filesystem>
#include <string>

namespace pressroom {

struct PluginOrigin {
  std::string bundle_sha256;  // 64 lower-case hex digits
  std::string repository;     // by the name it had here; "" for a bundle that was given as a file
  std::string location;       // of the repository, or of that file
  std::string key;            // line of the public key that vouched; "" where nobody did
  std::string golden;         // what became of its recorded answers: "passed", "not run"

  bool is_unsigned() const { return key.empty(); }
};

// "repository lab", or "bundle /home/ann/h2o-1.1.0.press.tar.zst" for one that was given as a file;
// ", unsigned" behind it where nobody vouched. Has what others wrote in it: printable() before it
// is shown.
std::string origin_text(const PluginOrigin& origin);

}  // namespace pressroom
