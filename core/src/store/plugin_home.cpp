#include "store/plugin_home.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/dll/runtime_symbol_info.hpp>
#include <cerrno>
#include <system_error>

#include "base/environment.h"
#include "base/file_kinds.h"
#include "pressroom/error.h"
#include "store/home_files.h"

// Where `cmake --install` puts data, seen from the folder of the installed program.
#ifndef PRESSROOM_DATA_INSTALL_DIR
#define PRESSROOM_DATA_INSTALL_DIR "../share/pressroom"
#endif

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kChooseAnother =
    "look at what is there and who put it there, or set PRESSROOM_HOME to another folder";

[[noreturn]] void distrust(const std::string& what, const fs::path& folder,
                           const std::string& expected, const std::string& got,
                           const std::string& fix = kChooseAnother) {
  throw Error({what, folder.string(), expected, got, fix});
}

std::string user_text(uid_t user) { return "user " + std::to_string(user) + "'s"; }

bool is_mine_or_roots(uid_t owner) { return owner == ::geteuid() || owner == 0; }

// Whether something is at `path`; what stat or lstat, `look`, says of it then.
bool look_at(const fs::path& path, struct stat& status,
             int (*look)(const char*, struct stat*) = ::lstat) {
  if (look(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT) return false;
  throw Error({"the plugin home cannot be looked at", path.string(),
               "a folder that this user may read", std::generic_category().message(errno),
               "check its permissions, or set PRESSROOM_HOME to another folder"});
}

void check_kind_and_mode(const fs::path& folder, const struct stat& status) {
  if (!S_ISDIR(status.st_mode)) {
    distrust("a folder of the plugin home is none", folder, "a folder",
             words_of(kind_of(status.st_mode)));
  }
  if ((status.st_mode & S_IWOTH) != 0) {
    distrust("anyone may put plugins into the plugin home", folder,
             "a folder that its owner alone may write to",
             "a mode that lets everyone on this machine write",
             "chmod o-w " + folder.string() + ", after a look at what is there");
  }
}

// Who may put something beside the folder could have put the folder there.
bool may_be_planted(const fs::path& home) {
  std::error_code failed;
  const fs::path real = fs::canonical(home, failed);
  struct stat parent = {};
  return !failed && ::stat(real.parent_path().c_str(), &parent) == 0 &&
         (parent.st_mode & S_IWOTH) != 0;
}

// Whether it is there, and whose it is.
bool check_home_itself(const fs::path& home, uid_t& owner) {
  struct stat status = {};
  if (!look_at(home, status)) return false;
  if (S_ISLNK(status.st_mode)) {
    if (!is_mine_or_roots(status.st_uid)) {
      distrust("the plugin home is a link that somebody else made", home,
               "a folder, or a link of this user or root", user_text(status.st_uid));
    }
    if (!look_at(home, status, ::stat)) {
      distrust("the plugin home is a link to nothing", home, "a folder", "no such folder");
    }
  }
  check_kind_and_mode(home, status);
  if (!is_mine_or_roots(status.st_uid) && may_be_planted(home)) {
    distrust("somebody else may have put the plugin home there", home,
             "a folder of this user or root, or one in a place where not everybody may write",
             user_text(status.st_uid));
  }
  owner = status.st_uid;
  return true;
}

bool check_folder_inside(const fs::path& folder, uid_t home_owner) {
  struct stat status = {};
  if (!look_at(folder, status)) return false;
  if (S_ISLNK(status.st_mode)) {
    distrust("a folder of the plugin home is a link", folder, "a folder", "a link");
  }
  check_kind_and_mode(folder, status);
  if (status.st_uid != home_owner && status.st_uid != 0) {
    distrust("a folder of the plugin home belongs to somebody else", folder,
             "its owner's: " + user_text(home_owner), user_text(status.st_uid));
  }
  return true;
}

// mkdir -p, of folders that their owner alone may write to, whatever the umask.
void make_folders_above(const fs::path& folder) {
  struct stat status = {};
  if (look_at(folder, status) || !folder.has_relative_path()) return;
  make_folders_above(folder.parent_path());
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) fail_to_write_home(folder, errno);
}

}  // namespace

fs::path user_plugin_home() {
  const fs::path home = environment_path("PRESSROOM_HOME");
  if (!home.empty()) return plain_path(home);
  const fs::path data = environment_path("XDG_DATA_HOME");
  if (data.is_absolute()) return plain_path(data / "pressroom");
  if (!environment_value("HOME").empty()) {
    return plain_path(user_home() / ".local" / "share" / "pressroom");
  }
  throw Error({"there is no place for installed plugins", "the environment",
               "PRESSROOM_HOME, XDG_DATA_HOME or HOME", "none of them is set",
               "set PRESSROOM_HOME to a folder of your own"});
}

fs::path shared_plugin_home() {
  const fs::path program = fs::path(boost::dll::program_location().string());
  return plain_path(program.parent_path() / PRESSROOM_DATA_INSTALL_DIR);
}

bool check_home_folder(const fs::path& home, const fs::path& inside) {
  uid_t owner = 0;
  fs::path folder = plain_path(home);
  if (!check_home_itself(folder, owner)) return false;
  for (const fs::path& part : inside) {
    if (!part.empty() && !check_folder_inside(folder /= part, owner)) return false;
  }
  return true;
}

void make_plugin_home(const fs::path& home) {
  const fs::path folder = plain_path(home);
  make_folders_above(folder);
  uid_t owner = 0;
  if (!check_home_itself(folder, owner)) fail_to_write_home(folder, ENOENT);  // taken away again
  if (owner != ::geteuid()) {
    distrust("the plugin home belongs to another user", folder, "this user's", user_text(owner),
             "have its owner change it, or set PRESSROOM_HOME to a folder of your own");
  }
  for (const char* inside : {"store", "profiles", "incoming"}) {
    make_home_folder(folder / inside);
    check_folder_inside(folder / inside, owner);
  }
}

}  // namespace pressroom
