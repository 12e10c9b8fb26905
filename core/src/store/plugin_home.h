// Where installed plugins live: one folder, of a user or of everybody on a machine.
//
//   store/<sha256 of a bundle>/            its files, each as the bundle has it, and what was built
//   profiles/<variant>/current             a link to the generation that is in use
//   profiles/<variant>/<N>/profile.json    one generation: what is installed (profile.h)
//   repositories.json                      known repositories, their keys
//   incoming/                              what is being unpacked; removed when nobody holds it
//   .lock                                  held by who changes what is installed
//
// A home may be shared by machines that need different variants: each has a profile of its own. Its
// owner alone changes it. Everybody else may read it, for which nothing is written or locked: it
// may lie on a disk that can only be read.
//
//   const std::filesystem::path home = user_plugin_home();
//   if (check_home_folder(home, "store")) ...       // to read it
//   make_plugin_home(home);                         // to change it
//
// A plugin runs with the rights of who uses it, so a home that others could have filled is refused.
#pragma once

#include <filesystem>
#include <string>

namespace pressroom {

// PRESSROOM_HOME, else XDG_DATA_HOME/pressroom, else ~/.local/share/pressroom: absolute, and
// nothing need be there. Throws Error where none of the three is set. (An XDG_DATA_HOME that is not
// absolute is passed over, as its specification asks.)
std::filesystem::path user_plugin_home();

// That of all users of this Pressroom: share/pressroom of the prefix that the running program lies
// in.
std::filesystem::path shared_plugin_home();

// Whether there is a folder `inside` the home: "store", "profiles/<variant>/3", "" for the home
// itself. Throws Error for a folder on the way that cannot be trusted:
//
// - the home is a link that neither this user nor root has made, or it is another user's (not
//   root's) in a folder in which everybody may put things;
// - a folder in it is a link, or belongs to neither the home's owner nor root;
// - every user of the machine may write to one of them.
bool check_home_folder(const std::filesystem::path& home, const std::filesystem::path& inside);

// Makes the home, and the folders in it, where they are missing. Throws Error where it cannot be
// written, and unless it passes check_home_folder and belongs to this user.
void make_plugin_home(const std::filesystem::path& home);

}  // namespace pressroom
