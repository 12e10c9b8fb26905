#include "campaign/extend_directory.h"

#include <unistd.h>

#include <cerrno>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "base/utc_time.h"
#include "base/whole_file.h"
#include "campaign/leaving_results.h"
#include "pressroom/error.h"
#include "results/history.h"
#include "results/plugins_lock.h"
#include "results/stored_answers.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCalibration = "calibration.json";
constexpr const char* kPartial = ".partial";

Error not_put_aside(const fs::path& file, int code) {
  return Error({"a result cannot be put aside", file.string(), "a second name for its file",
                std::generic_category().message(code),
                "make room for it and run the same again: no result is lost"});
}

// The folder of the present config, whole but for results.
fs::path make_folder(const DirectoryConfig& stored, const std::vector<std::string>& changes,
                     const std::string& calibration) {
  const fs::path& directory = stored.directory;
  const std::vector<StoredConfig> configs = read_history(directory);
  const HistoryRecord record = {configs.back().from, utc_now().text(), changes};
  if (const std::optional<fs::path> unfinished = unfinished_extension(directory)) {
    // The config that it was made for may have been another one.
    write_file_atomically(*unfinished / kHistoryFile, history_text(record));
    return *unfinished;
  }
  const fs::path folder = directory / kHistoryFolder / std::to_string(configs.back().number);
  const fs::path partial = folder.string() + kPartial;
  fs::remove_all(partial);
  write_file_atomically(partial / "config.yaml", stored.yaml);
  for (const char* name : {"plan.json", "provenance.json", kLockFile}) {
    const std::string text = text_of_file(directory / name);
    if (!text.empty()) write_file_atomically(partial / name, text);
  }
  if (!calibration.empty()) write_file_atomically(partial / kCalibration, calibration);
  write_file_atomically(partial / kHistoryFile, history_text(record));
  fs::rename(partial, folder);
  sync_folder(folder.parent_path());
  return folder;
}

// The traces and answers in a folder, by the results that they are of: it is read once.
class FolderParts {
 public:
  const std::vector<fs::path>& of(const fs::path& result) {
    const fs::path folder = result.parent_path();
    if (folders_.insert(folder).second) read(folder);
    return parts_[folder / result.stem()];
  }

 private:
  void read(const fs::path& folder) {
    std::error_code ignored;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
      // <cell>.<window>.trace, <cell>.answers.json; cells have dots in their names, too.
      const fs::path stem = entry.path().stem();
      const bool is_part = entry.path().extension() == ".trace" ||
                           stem.extension().string() + ".json" == kAnswersEnding;
      if (!is_part || !entry.is_regular_file(ignored)) continue;
      parts_[folder / stem.stem()].push_back(entry.path());
    }
  }

  std::set<fs::path> folders_;
  std::map<fs::path, std::vector<fs::path>> parts_;
};

void sync_folders(const std::set<fs::path>& folders) {
  for (const fs::path& folder : folders) sync_folder(folder);
}

// One file with two names, or a copy: of a directory that was copied in between.
bool holds_the_same(const fs::path& a, const fs::path& b) {
  return fs::equivalent(a, b) || text_of_file(a) == text_of_file(b);
}

bool is_record(const fs::path& relative) {
  static const std::set<std::string> names = {"config.yaml", "plan.json",  "provenance.json",
                                              kLockFile,     kCalibration, kHistoryFile};
  return names.count(relative.string()) > 0;
}

}  // namespace

void link_over(const fs::path& from, const fs::path& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return;
  std::error_code ignored;
  if (errno != EEXIST) throw not_put_aside(from, errno);
  if (fs::equivalent(from, to, ignored)) return;
  const fs::path partial = to.string() + kPartial;
  fs::remove(partial, ignored);
  if (::link(from.c_str(), partial.c_str()) != 0) throw not_put_aside(from, errno);
  fs::rename(partial, to);
}

std::vector<fs::path> parts_beside(const fs::path& file) { return FolderParts().of(file); }

void put_config_aside(const DirectoryConfig& stored, const std::vector<PlannedFile>& now,
                      const std::vector<std::string>& changes, const std::string& calibration) {
  const fs::path& directory = stored.directory;
  const fs::path folder = make_folder(stored, changes, calibration);
  FolderParts parts;
  std::vector<fs::path> moved;
  std::set<fs::path> changed;
  for (const std::string& name : leaving_files(stored, now)) {
    std::vector<fs::path> files = parts.of(directory / name);
    files.push_back(directory / name);
    for (const fs::path& file : files) {
      std::error_code ignored;
      if (!fs::is_regular_file(fs::symlink_status(file, ignored))) continue;
      const fs::path place = folder / file.lexically_relative(directory);
      fs::create_directories(place.parent_path());
      link_over(file, place);
      moved.push_back(file);
      changed.insert(place.parent_path());
    }
  }
  if (!changed.empty()) changed.insert(folder);
  sync_folders(changed);
  for (const fs::path& file : moved) {
    std::error_code ignored;
    fs::remove(file);
    // The folder of a dataset that has left. What holds anything stays.
    if (file.parent_path() != directory) fs::remove(file.parent_path(), ignored);
  }
}

void take_back(const fs::path& directory) {
  const std::optional<fs::path> folder = unfinished_extension(directory);
  if (!folder) return;
  bool is_all_back = true;
  std::set<fs::path> changed;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(*folder)) {
    const fs::path relative = entry.path().lexically_relative(*folder);
    if (!entry.is_regular_file() || is_record(relative)) continue;
    const fs::path place = directory / relative;
    fs::create_directories(place.parent_path());
    if (!fs::exists(place)) {
      link_over(entry.path(), place);
      changed.insert(place.parent_path());
    }
    is_all_back = is_all_back && holds_the_same(entry.path(), place);
  }
  sync_folders(changed);
  // As the plan has them: the folder's are gone in a moment.
  for (const char* name : {"provenance.json", kLockFile, kCalibration, "config.yaml"}) {
    const std::string text = text_of_file(*folder / name);
    if (!text.empty()) write_file_atomically(directory / name, text);
  }
  if (!is_all_back) return;  // it stays in the history: nothing is lost
  const fs::path partial = folder->string() + kPartial;
  fs::remove_all(partial);
  fs::rename(*folder, partial);
  fs::remove_all(partial);
}

}  // namespace pressroom
