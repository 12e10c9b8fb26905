#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <set>
#include <system_error>
#include <utility>

#include "base/whole_file.h"
#include "pressroom/error.h"
#include "store/generations.h"
#include "store/home_files.h"
#include "store/plugin_home.h"
#include "store/profile.h"
#include "store/profile_text.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kKeptGenerations = 10;

// Where a process was killed, they are left over, and removed before they are made again.
constexpr const char* kNextGeneration = ".next";
constexpr const char* kNextLink = ".current.next";
constexpr const char* kGoneGeneration = ".gone";

void check_new_plugins(const fs::path& home, const Profile& now, const Profile& next) {
  for (const InstalledPlugin& plugin : next.plugins) {
    const auto same = std::find(now.plugins.begin(), now.plugins.end(), plugin);
    // One that was lost since cannot keep others from being installed or removed.
    if (same != now.plugins.end()) continue;
    const fs::path file = home / plugin.file;
    struct stat status = {};
    if (check_home_folder(home, fs::path(plugin.file).parent_path()) &&
        ::lstat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
      continue;
    }
    throw Error({"a plugin that is to be installed is not in the store", file.string(), "its file",
                 "no such file", "install its bundle again"});
  }
}

// The folder is there whole or not at all.
void write_generation(const Generations& generations, std::int64_t number,
                      const std::string& text) {
  const fs::path fresh = generations.folder() / kNextGeneration;
  remove_from_home(fresh);
  make_home_folder(fresh);
  write_new_file(fresh / "profile.json", text, kReadOnly);
  sync_files({fresh / "profile.json"});
  rename_in_home(fresh, generations.folder_of(number));
}

void point_to(const Generations& generations, std::int64_t number) {
  const fs::path fresh = generations.folder() / kNextLink;
  remove_from_home(fresh);
  if (::symlink(std::to_string(number).c_str(), fresh.c_str()) != 0) {
    fail_to_write_home(fresh, errno);
  }
  rename_in_home(fresh, generations.link());
}

void remove_generation(const Generations& generations, std::int64_t number) {
  const fs::path gone = generations.folder() / kGoneGeneration;
  remove_from_home(gone);
  // At once: half a generation would be a damaged one.
  rename_in_home(generations.folder_of(number), gone);
  remove_from_home(gone);
}

// The link may be the new one though its folder did not reach the disk: then nothing is removed.
void discard_unless_in_use(const Generations& generations, std::int64_t number) {
  try {
    if (generations.in_use() != number) remove_generation(generations, number);
  } catch (const Error&) {
    // It is in nobody's way.
  }
}

// The newest ones, and those that roll_back leads to one after the other.
void remove_old_generations(const Generations& generations, const Profile& in_use) {
  std::set<std::int64_t> kept;
  std::optional<Profile> step = in_use;
  while (step && kept.size() < kKeptGenerations) {
    kept.insert(step->generation);
    step = step->previous > 0 ? generations.read_if_right(step->previous) : std::nullopt;
  }
  const std::vector<std::int64_t> numbers = generations.numbers();
  const std::size_t old = numbers.size() - std::min(numbers.size(), kKeptGenerations);
  for (std::size_t i = 0; i < old; ++i) {
    if (kept.count(numbers[i]) == 0) remove_generation(generations, numbers[i]);
  }
}

void check_made_from(const fs::path& where, const Profile& next, const Profile& now) {
  if (next.generation == now.generation) return;
  throw Error({"what is installed was changed meanwhile", where.string(),
               "generation " + std::to_string(next.generation) + " in use",
               "generation " + std::to_string(now.generation), "do this again"});
}

// The generation to go back to: the one that the one in use was made from or, where that cannot be
// known or read, the newest before it that can be read.
std::optional<Profile> generation_before(const Generations& generations) {
  std::int64_t in_use = 0;
  try {
    in_use = generations.in_use();
  } catch (const Error&) {
    in_use = std::numeric_limits<std::int64_t>::max();  // the link is damaged: any will do
  }
  const std::optional<Profile> now = generations.read_if_right(in_use);
  if (now && now->previous == 0) return std::nullopt;
  if (now) {
    std::optional<Profile> previous = generations.read_if_right(now->previous);
    if (previous) return previous;
  }
  std::vector<std::int64_t> numbers = generations.numbers();
  for (auto number = numbers.rbegin(); number != numbers.rend(); ++number) {
    std::optional<Profile> profile;
    if (*number < in_use) profile = generations.read_if_right(*number);
    if (profile) return profile;
  }
  return std::nullopt;
}

}  // namespace

std::int64_t switch_profile(const fs::path& home, const std::string& variant, Profile next,
                            const ProfileLock& lock) {
  PRESSROOM_ASSERT(lock.is_of(home));
  const Generations generations(home, variant);
  const Profile now = read_profile(home, variant);
  check_made_from(generations.folder(), next, now);
  check_new_plugins(plain_path(home), now, next);
  make_plugin_home(home);
  make_home_folder(generations.folder());
  sync_folder(generations.folder().parent_path());
  const std::vector<std::int64_t> numbers = generations.numbers();
  next.previous = now.generation;
  next.generation = std::max(numbers.empty() ? 0 : numbers.back(), now.generation) + 1;
  const fs::path file = generations.folder_of(next.generation) / "profile.json";
  write_generation(generations, next.generation, profile_text(next, file.string()));
  try {
    point_to(generations, next.generation);
  } catch (...) {
    discard_unless_in_use(generations, next.generation);
    throw;
  }
  try {
    remove_old_generations(generations, next);
  } catch (const Error&) {
    // The profile is switched: what cannot be removed now is removed another time.
  }
  return next.generation;
}

Profile roll_back(const fs::path& home, const std::string& variant, const ProfileLock& lock) {
  PRESSROOM_ASSERT(lock.is_of(home));
  const Generations generations(home, variant);
  std::optional<Profile> before = generation_before(generations);
  if (!before) {
    throw Error({"there is nothing to go back to", generations.folder().string(),
                 "a generation before the one in use", "none",
                 "remove what should not be there: pressroom plugin remove NAME"});
  }
  point_to(generations, before->generation);
  return *std::move(before);
}

}  // namespace pressroom
