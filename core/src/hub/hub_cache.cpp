#include "hub/hub_cache.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <system_error>
#include <vector>

#include "base/environment.h"
#include "hub/built_in_models.h"
#include "hub/hub_settings.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLeastCommitDigits = 7;

bool is_commit_prefix(const std::string& word) {
  return word.size() >= kLeastCommitDigits && word.size() <= 40 &&
         word.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// Sorted; as many as can be read.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  const fs::directory_iterator end;
  for (fs::directory_iterator at(folder, failed); !failed && at != end; at.increment(failed)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_gguf(const fs::path& file) {
  std::error_code failed;
  return file.extension() == ".gguf" && fs::is_regular_file(file, failed);
}

// Directly in the snapshot: a model is not looked for in folders.
bool holds_a_model(const fs::path& snapshot) {
  std::error_code failed;
  if (fs::exists(snapshot / "config.json", failed)) return true;
  const std::vector<std::string> names = names_in(snapshot);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return is_gguf(snapshot / name); });
}

// The first .gguf file in a folder of the snapshot, which can be run by its path; "" for none.
fs::path nested_gguf(const fs::path& snapshot) {
  for (const std::string& folder : names_in(snapshot)) {
    for (const std::string& name : names_in(snapshot / folder)) {
      if (is_gguf(snapshot / folder / name)) return snapshot / folder / name;
    }
  }
  return {};
}

// Why `folder` cannot be looked into, "" when it can or is not there.
std::string obstacle(const fs::path& folder) {
  std::error_code failed;
  const fs::directory_iterator ignored(folder, failed);
  return !failed || failed == std::errc::no_such_file_or_directory ? "" : failed.message();
}

// The commit that `revision` stands for, "" when the cache does not know.
std::string commit_of(const fs::path& folder, const std::string& revision) {
  std::ifstream ref(folder / "refs" / revision);
  std::string commit;
  // A ref goes before a commit: a branch may be named like one. What it says becomes a path, so
  // that nothing but the digits of a commit is taken.
  if (ref >> commit && is_commit_prefix(commit)) return commit;
  if (!is_commit_prefix(revision)) return "";
  std::vector<std::string> fitting = names_in(folder / "snapshots");
  const auto differs = [&](const std::string& name) { return name.rfind(revision, 0) != 0; };
  fitting.erase(std::remove_if(fitting.begin(), fitting.end(), differs), fitting.end());
  return fitting.size() == 1 ? fitting.front() : "";
}

// Revisions may have slashes ("refs/pr/1"), and become paths: none may lead elsewhere.
bool is_safe_revision(const std::string& revision) {
  static const std::regex form("[A-Za-z0-9_][A-Za-z0-9_.+-]*(/[A-Za-z0-9_][A-Za-z0-9_.+-]*)*");
  return revision.size() <= 200 && std::regex_match(revision, form);
}

}  // namespace

std::string HubName::text() const {
  return revision == "main" ? repository : repository + "@" + revision;
}

bool may_be_hub_name(const std::string& name) {
  static const std::regex form("([A-Za-z0-9][A-Za-z0-9._-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*");
  const std::size_t at = name.find('@');
  const std::string repository = name.substr(0, at);
  if (repository.size() > 96 || !std::regex_match(repository, form)) return false;
  // The folder's name puts "--" where the slash was.
  if (repository.find("--") != std::string::npos) return false;
  return at == std::string::npos || is_safe_revision(name.substr(at + 1));
}

HubName parse_hub_name(const std::string& name) {
  if (!may_be_hub_name(name)) {
    throw Error({"this is no name of a model on the hub", "", "OWNER/NAME or OWNER/NAME@REVISION",
                 name, "copy the name from the model's page, as in EleutherAI/pythia-70m"});
  }
  const std::size_t at = name.find('@');
  if (at == std::string::npos) return {name, "main"};
  return {name.substr(0, at), name.substr(at + 1)};
}

fs::path hub_cache_root() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    const fs::path root = environment_path(name);
    if (!root.empty()) return root;
  }
  return hub_home() / "hub";
}

fs::path hub_repository_folder(const std::string& repository, const fs::path& root) {
  std::string folder = "models--" + repository;
  const std::size_t slash = folder.find('/');
  if (slash != std::string::npos) folder.replace(slash, 1, "--");
  return root / folder;
}

std::optional<fs::path> find_snapshot(const HubName& name, const fs::path& root) {
  const fs::path folder = hub_repository_folder(name.repository, root);
  const std::string commit = commit_of(folder, name.revision);
  if (commit.empty()) return std::nullopt;
  const fs::path snapshot = folder / "snapshots" / commit;
  return holds_a_model(snapshot) ? std::optional(snapshot) : std::nullopt;
}

Problem missing_from_cache(const HubName& name, const fs::path& root) {
  const fs::path folder = hub_repository_folder(name.repository, root);
  Problem problem{"there is no directory of this name, and the model is not in the hub cache",
                  name.text(), "a model directory, or a download of the model",
                  "no folder " + folder.string(), ""};
  const std::string near = closest_match(name.text(), built_in_models());
  if (!near.empty()) problem.fix = "did you mean \"" + near + "\"? Or ";
  problem.fix += "check the path, or get it: pressroom pull " + name.text();

  // A folder that may not be read would otherwise be reported as one that is not there.
  for (const fs::path& place : {folder, folder / "snapshots"}) {
    const std::string reason = obstacle(place);
    if (reason.empty()) continue;
    problem.got = place.string() + ": " + reason;
    problem.fix = "check what HF_HUB_CACHE or HF_HOME says, and the permissions of the folder";
    return problem;
  }
  std::error_code failed;
  if (!fs::is_directory(folder, failed)) return problem;
  std::string snapshots;
  for (const std::string& commit : names_in(folder / "snapshots")) {
    snapshots += (snapshots.empty() ? "" : ", ") + commit;
  }
  problem.got = snapshots.empty() ? "a download that was not finished" : "commits " + snapshots;
  problem.got += ", in " + folder.string();
  const std::string commit = commit_of(folder, name.revision);
  if (commit.empty()) return problem;
  problem.got = "the revision, with neither a config.json nor a .gguf file outside its folders";
  const fs::path nested = nested_gguf(folder / "snapshots" / commit);
  if (!nested.empty()) problem.fix = "name the file: " + nested.string();
  return problem;
}

}  // namespace pressroom
