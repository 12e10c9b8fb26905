// Where a test finds what it needs on disk: its own data, the plugins just built, the broken ones.
//
//   PluginHost host({plugin_dir()});
//   const Json golden = Json::parse(read_file(test_dir() / "goldens/stories_stream.json"));
//
// Functions and not macros given on the compiler's command line: a command line that names the
// checkout's folder is another one in every checkout, and no compiler cache could help.
#pragma once

#include <filesystem>

namespace pressroom {

// tests/ of the source tree: goldens/, approved/, data/.
std::filesystem::path test_dir();

// Plugins of the build tree, as `pressroom run` would find them.
std::filesystem::path plugin_dir();

// The plugins that are each broken in one way (tests/zoo).
std::filesystem::path zoo_dir();

// Those that otherwise only tests of the whole program use (tests/cli/plugins).
std::filesystem::path cli_plugin_dir();

}  // namespace pressroom
