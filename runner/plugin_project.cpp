#include "plugin_project.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "base/strings.h"
#include "base/temporary_folder.h"
#include "base/whole_file.h"
#include "plugin_name.h"
#include "plugin_templates.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

struct KindTemplates {
  const char* readme;
  const char* source;
  const char* test;
  const char* cmake;
  const char* bundle;
};

KindTemplates templates_of(PluginKind kind) {
  switch (kind) {
    case PluginKind::kMethod:
      return {kMethodReadme, kMethodSource, kMethodTest, kMethodCmake, kMethodBundle};
    case PluginKind::kDataset:
      return {kDatasetReadme, kDatasetSource, kDatasetTest, kDatasetCmake, kDatasetBundle};
    default:
      return {kMetricReadme, kMetricSource, kMetricTest, kMetricCmake, kMetricBundle};
  }
}

std::string with_each(std::string text, const std::string& word, const std::string& replacement) {
  for (std::size_t at = text.find(word); at != std::string::npos;
       at = text.find(word, at + replacement.size())) {
    text.replace(at, word.size(), replacement);
  }
  return text;
}

[[noreturn]] void refuse_place(const fs::path& place, const std::string& reason) {
  throw Error({"the project cannot be written there", place.string(),
               "a folder that is there and may be written to, with room left", reason,
               "make room for it, or choose another place with --dir"});
}

[[noreturn]] void refuse_place(const fs::path& place, const std::error_code& failed) {
  refuse_place(place, failed.message());
}

// Throws Error unless `folder` is empty or not there at all; says which.
bool is_there(const fs::path& folder) {
  std::error_code failed;
  const fs::file_status status = fs::status(folder, failed);
  if (status.type() == fs::file_type::not_found) return false;
  if (failed) refuse_place(folder, failed);
  std::vector<std::string> names;
  if (fs::is_directory(status)) {
    fs::directory_iterator entry(folder, failed);
    for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
      names.push_back(entry->path().filename().string());
    }
    if (failed) refuse_place(folder, failed);
    if (names.empty()) return true;
    std::sort(names.begin(), names.end());
  }
  throw Error({"there is something there already", folder.string(), "nothing, or an empty folder",
               names.empty()
                   ? "a file"
                   : counted(static_cast<std::int64_t>(names.size()), "entry", "entries") + ", " +
                         names.front() + " among them",
               "choose another place with --dir"});
}

void write_file(const fs::path& path, const ProjectFile& file) {
  write_file_atomically(path, file.text, Sync::kLater);
  if (!file.is_program) return;
  // Whoever may read it may execute it.
  const auto may_read = static_cast<unsigned>(fs::status(path).permissions()) & 0444;
  fs::permissions(path, static_cast<fs::perms>(may_read >> 2), fs::perm_options::add);
}

// The project of `name` out of that of plugin_name.
void fill_in_name(std::vector<ProjectFile>& files, const std::string& name) {
  for (ProjectFile& file : files) {
    file.text = with_each(file.text, "plugin_name", name);
    file.text = with_each(file.text, "PluginName", class_name(name));
  }
}

// Moves what is in `from` into `to`, which is empty; all of it or nothing.
void move_entries(const fs::path& from, const fs::path& to) {
  std::vector<fs::path> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(from)) {
    names.push_back(entry.path().filename());
  }
  for (std::size_t done = 0; done < names.size(); ++done) {
    std::error_code failed;
    fs::rename(from / names[done], to / names[done], failed);
    if (!failed) continue;
    std::error_code ignored;
    for (std::size_t i = 0; i < done; ++i) fs::rename(to / names[i], from / names[i], ignored);
    refuse_place(to, failed);
  }
}

}  // namespace

std::vector<ProjectFile> project_files(PluginKind kind, const std::string& name) {
  const KindTemplates texts = templates_of(kind);
  std::vector<ProjectFile> files = {
      {"README.md", texts.readme, "what it does, parameters, paper, licence: to be filled in"},
      {"bundle.yaml", texts.bundle, "who made it, under which licence: to be filled in"},
      {name + ".cpp", texts.source, std::string("the ") + to_string(kind)},
      {"test/" + name + "_test.cpp", texts.test, "a table of cases: to be filled in"},
      {"CMakeLists.txt", texts.cmake, "builds it against an installed Pressroom"},
      {"ci.sh", kCiScript, "configures, builds, tests", true},
      {".clang-format", kClangFormat, "Pressroom's own"},
      {".gitignore", kGitIgnore, "what is built"}};
  if (kind == PluginKind::kDataset) {
    files.push_back({"test/lines.txt", kDatasetLines, "what its answers are recorded on"});
  }
  fill_in_name(files, name);
  return files;
}

std::vector<ProjectFile> python_project_files(const std::string& name, std::string module) {
  std::vector<ProjectFile> files = {
      {"README.md", kPythonReadme, "what it does, parameters, paper, licence: to be filled in"},
      {"bundle.yaml", kPythonBundle, "who made it, under which licence: to be filled in"},
      {"CMakeLists.txt", kPythonCmake, "its version, and its summary: to be filled in"},
      {"ci.sh", kCiScript, "configures, builds, tests", true},
      {".gitignore", kGitIgnore, "what is built"}};
  fill_in_name(files, name);
  files.push_back({name + ".pt", std::move(module), "the module, as it was given"});
  return files;
}

void write_project(const fs::path& given, const std::vector<ProjectFile>& files) {
  std::error_code failed;
  fs::path folder = fs::absolute(given, failed);
  if (!failed) folder = fs::weakly_canonical(folder, failed);
  if (failed) refuse_place(given, failed);
  if (!folder.has_filename()) folder = folder.parent_path();  // of x/
  const bool was_there = is_there(folder);
  // Beside what it becomes, so that it only has to get its name. A folder that is there stays what
  // it is: somebody may stand in it, or it may be a mount.
  const fs::path parent = was_there ? folder : folder.parent_path();
  std::optional<TemporaryFolder> scratch;
  try {
    scratch.emplace(parent, ".pressroom-new");
  } catch (const fs::filesystem_error& error) {
    refuse_place(parent, error.code());
  }
  const fs::path project = scratch->path() / "project";
  try {
    for (const ProjectFile& file : files) write_file(project / file.path, file);
  } catch (const Error& error) {
    refuse_place(folder, error.problems().front().got);  // the scratch folder will be gone
  }
  if (was_there) {
    move_entries(project, folder);
    return;
  }
  fs::rename(project, folder, failed);
  if (failed) refuse_place(folder, failed);
}

}  // namespace pressroom
