#include "install/source_build.h"

#include <algorithm>

#include "base/limited_command.h"
#include "base/whole_file.h"
#include "bundle/variant.h"
#include "engine/run.h"
#include "plugin/manifest.h"
#include "pressroom/error.h"
#include "project/build_project.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// The source of the store is read-only, and a project's own CMake may write beside it.
void copy_source(const fs::path& from, const fs::path& to) {
  fs::copy(from, to, fs::copy_options::recursive);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(to)) {
    fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
  }
  fs::permissions(to, fs::perms::owner_write, fs::perm_options::add);
}

// The plugin that the manifest names among what was built. Throws Error where it is not there, and
// where this harness cannot load it.
fs::path find_built(const fs::path& build, const BundleManifest& manifest, const fs::path& log) {
  const std::string label = quoted_label(manifest.kind, manifest.name);
  for (const fs::path& file : built_plugins(build)) {
    const PluginRecord record = read_manifest(file);
    if (record.kind != manifest.kind || record.name != manifest.name) continue;
    if (const auto problem = incompatibility(record)) throw Error(*problem);
    if (record.version == manifest.version.text()) return file;
    throw Error({"the bundle's source makes another version than its manifest says", label,
                 manifest.version.text(), record.version, "have the bundle made again"});
  }
  throw Error({"the bundle's source does not make its plugin", label,
               "a shared object with that plugin", "none in the build folder",
               "read " + log.string() + ", and tell who made the bundle"});
}

// A build may take long and much, but not for ever and all.
CommandLimits build_limits(const std::function<bool()>& stop_requested) {
  CommandLimits limits;
  limits.seconds = std::chrono::hours(1);
  limits.data_bytes = std::uint64_t{64} << 30;
  limits.file_bytes = std::uint64_t{4} << 30;
  limits.stop_requested = stop_requested;
  return limits;
}

// env(1) looks through PATH, and says by its exit code that a program is not there.
constexpr int kNoSuchProgram = 127;
std::vector<std::string> by_path(const std::vector<std::string>& words) {
  std::vector<std::string> all = {"/usr/bin/env"};
  all.insert(all.end(), words.begin(), words.end());
  return all;
}

[[noreturn]] void refuse_without_tools(const std::string& tool) {
  throw Error({"there is no " + tool + " in PATH, and the bundle has nothing that was built for " +
                   variant_name(),
               "", "CMake, 3.20 or newer, and a compiler", "",
               "install them (Debian: cmake ninja-build g++), and give the command again"});
}

}  // namespace

SourceBuild::SourceBuild(const fs::path& folder, const BundleManifest& manifest,
                         const fs::path& home, const std::function<bool()>& stop_requested)
    : scratch_(home / "incoming", folder.filename().string() + ".build") {
  const fs::path log =
      home / "logs" / (manifest.name + "-" + manifest.version.text() + ".build.log");
  const fs::path source = scratch_.path() / "src";
  copy_source(folder / "src", source);
  std::string said;
  const auto run_tool = [&](const std::vector<std::string>& words) {
    const CommandLimits limits = build_limits(stop_requested);
    const LimitedCommand command = run_limited(by_path(words), limits);
    if (command.end == LimitedCommand::End::kExited && command.code == kNoSuchProgram) {
      refuse_without_tools(words[0]);
    }
    said += command.output + command.errors;
    if (!command.went_well()) said += "\n" + words[0] + ": " + command.how_it_ended(limits) + "\n";
    write_file_atomically(log, said, Sync::kLater);
    if (command.end == LimitedCommand::End::kStopped) throw Interrupted();
    return command.went_well() ? 0 : std::max(command.code, 1);
  };
  const fs::path build = scratch_.path() / "build";
  try {
    build_project(source, build, run_tool, "read what it said in " + log.string());
  } catch (const Error& error) {
    // About the bundle: the copy that was built is gone when somebody reads this.
    Problem problem = error.problems().front();
    if (problem.where == source.string()) {
      problem.where = "the source of " + quoted_label(manifest.kind, manifest.name) + " " +
                      manifest.version.text();
    }
    throw Error(problem);
  }
  file_ = find_built(build, manifest, log);
}

}  // namespace pressroom
