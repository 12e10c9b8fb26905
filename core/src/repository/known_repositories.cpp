#include "repository/known_repositories.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <optional>
#include <system_error>

#include "base/file_kinds.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "repository/folder_lock.h"
#include "repository/repository_source.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

fs::path list_file(const fs::path& home) { return home / "repositories.json"; }

// Who may change the list says whom this user trusts, so it is not read from just any file.
void check_list_file(const fs::path& file, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    throw Error({"the list of repositories is no file", file.string(), "a regular file",
                 S_ISLNK(status.st_mode) ? "a link" : words_of(kind_of(status.st_mode)),
                 "remove it, and add the repositories again"});
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    throw Error({"anyone may change whom this user trusts", file.string(),
                 "a file that only its owner may write to",
                 "a mode that lets everyone on this machine write",
                 "chmod o-w " + file.string() + ", after a look at the keys in it"});
  }
}

using ChangeOfList = std::function<bool(std::vector<KnownRepository>&)>;  // whether it changed

void change_list(const fs::path& home, const ChangeOfList& change) {
  std::error_code failed;
  fs::create_directories(home, failed);
  if (failed) {
    throw Error({"the folder of plugins cannot be made", home.string(), "a writable place",
                 failed.message(), "check the path, or set PRESSROOM_HOME"});
  }
  const FolderLock lock({home / "repositories.lock", 0600, "the list of repositories"}, nullptr);
  std::vector<KnownRepository> known = known_repositories(home);
  if (!change(known)) return;
  const fs::path file = list_file(home);
  write_file_atomically(file, known_repositories_text(known, file.string()));
}

std::vector<KnownRepository>::iterator find_named(std::vector<KnownRepository>& known,
                                                  const std::string& name) {
  return std::find_if(known.begin(), known.end(),
                      [&](const KnownRepository& one) { return one.name == name; });
}

void refuse_revoked(const KnownRepository& known, const std::vector<PublicKey>& keys) {
  for (const PublicKey& key : keys) {
    const IndexedKey* const withdrawn = find_key(known.withdrawn, key);
    if (withdrawn == nullptr || !withdrawn->revoked) continue;
    throw Error({"the key was revoked", known.name, "a key that still holds",
                 key_words(key, withdrawn->owner),
                 "ask the repository's maintainer for a newer key"});
  }
}

// The newest word on a key counts, but for the last one: revoked.
void remember(KnownRepository& known, const IndexedKey& said) {
  auto& withdrawn = known.withdrawn;
  const auto old = std::find_if(withdrawn.begin(), withdrawn.end(),
                                [&](const IndexedKey& one) { return one.key == said.key; });
  if (old != withdrawn.end() && old->revoked) return;
  if (old != withdrawn.end()) withdrawn.erase(old);
  const bool is_pinned =
      std::find(known.keys.begin(), known.keys.end(), said.key) != known.keys.end();
  if (!said.revoked && !(is_pinned && said.expires)) return;
  // Of a key that was never pinned it may be forgotten.
  if (withdrawn.size() >= kMostIndexedKeys && !is_pinned) return;
  withdrawn.push_back(said);
}

}  // namespace

std::vector<KnownRepository> known_repositories(const fs::path& home) {
  const fs::path file = list_file(home);
  struct stat status = {};
  if (::lstat(file.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    throw Error({"the list of repositories cannot be read", file.string(),
                 "a file that this user may read", std::generic_category().message(errno),
                 "check the folder, or set PRESSROOM_HOME"});
  }
  check_list_file(file, status);
  // Before it is read: the parser would refuse it when it is in memory.
  constexpr off_t kMostBytes = off_t{4} << 20;
  if (status.st_size > kMostBytes) {
    throw Error({"the list of repositories is too long", file.string(),
                 "at most " + std::to_string(kMostBytes) + " bytes", std::to_string(status.st_size),
                 "remove it, and add the repositories again"});
  }
  std::string why;
  const std::optional<std::string> text = read_regular_file(file, why);
  if (!text) {
    throw Error({"the list of repositories cannot be read", file.string(),
                 "a file that this user may read", why, "check the folder, or set PRESSROOM_HOME"});
  }
  return parse_known_repositories(*text, file.string());
}

void add_repository(const fs::path& home, const KnownRepository& repository) {
  // The parser's rules, before there is a lock to wait for.
  known_repositories_text({repository}, "the repository to add");
  change_list(home, [&](std::vector<KnownRepository>& known) {
    for (const KnownRepository& one : known) {
      if ((one.name == repository.name) == (one.location == repository.location)) continue;
      const bool same_name = one.name == repository.name;
      throw Error({same_name ? "the name is that of another repository"
                             : "the repository is known by another name",
                   list_file(home).string(),
                   same_name ? one.location : "the name \"" + one.name + '"',
                   same_name ? repository.location : "the name \"" + repository.name + '"',
                   same_name ? "choose another name, or remove the old one (pressroom repo remove)"
                             : "use that name"});
    }
    const auto same = find_named(known, repository.name);
    if (same == known.end()) {
      known.push_back(repository);
      return true;
    }
    refuse_revoked(*same, repository.keys);
    for (const PublicKey& key : repository.keys) {
      if (std::find(same->keys.begin(), same->keys.end(), key) == same->keys.end()) {
        same->keys.push_back(key);
      }
    }
    same->serial = std::max(same->serial, repository.serial);
    return true;
  });
}

bool remove_repository(const fs::path& home, const std::string& name) {
  bool was_there = false;
  change_list(home, [&](std::vector<KnownRepository>& known) {
    const auto found = find_named(known, name);
    was_there = found != known.end();
    if (was_there) known.erase(found);
    return was_there;
  });
  return was_there;
}

void learn(KnownRepository& known, std::int64_t serial,
           const std::vector<IndexedKey>& said_of_keys) {
  if (serial < known.serial) return;
  known.serial = serial;
  for (const IndexedKey& said : said_of_keys) remember(known, said);
}

void note_serial(const fs::path& home, const std::string& name, std::int64_t serial,
                 const std::vector<IndexedKey>& said_of_keys) {
  const auto note = [&](std::vector<KnownRepository>& known) {
    const auto found = find_named(known, name);
    if (found == known.end()) return false;
    const std::string before = known_repositories_text({*found}, name);
    learn(*found, serial, said_of_keys);
    return known_repositories_text({*found}, name) != before;
  };
  // Mostly there is nothing new, and then nothing to lock.
  std::vector<KnownRepository> known = known_repositories(home);
  if (note(known) && ::access(home.c_str(), W_OK) == 0) change_list(home, note);
}

const KnownRepository& find_repository(const std::vector<KnownRepository>& known,
                                       const std::string& name_or_location) {
  const bool is_location = name_or_location.find('/') != std::string::npos;
  const std::string location = is_location ? normal_location(name_or_location) : "";
  std::vector<std::string> names;
  for (const KnownRepository& one : known) {
    if (is_location ? one.location == location : one.name == name_or_location) return one;
    names.push_back(is_location ? one.location : one.name);
  }
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  const std::string meant = closest_match(is_location ? location : name_or_location, names);
  throw Error({"the repository is not known", name_or_location,
               all.empty() ? "a repository that was added (there is none)" : all, name_or_location,
               meant.empty() ? "add it (pressroom repo add)" : "did you mean \"" + meant + "\"?"});
}

}  // namespace pressroom
