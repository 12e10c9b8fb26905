#include "store/generations.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "bundle/member_path.h"
#include "pressroom/error.h"
#include "store/home_files.h"
#include "store/plugin_home.h"
#include "store/profile_text.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// "12" -> 12; 0 for what is no number of a generation.
std::int64_t generation_number(const std::string& name) {
  constexpr std::size_t kMostDigits = 15;
  const bool is_number = !name.empty() && name.size() <= kMostDigits && name[0] != '0' &&
                         name.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::stoll(name) : 0;
}

Problem damaged_profile(const fs::path& where, const std::string& expected,
                        const std::string& got) {
  return {"the profile of installed plugins cannot be read", where.string(), expected, got,
          "run `pressroom plugin rollback`"};
}

}  // namespace

bool is_variant(const std::string& name) {
  constexpr std::size_t kLongestVariant = 255;  // bytes of a file's name
  return !name.empty() && name.size() <= kLongestVariant && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), is_variant_letter);
}

Generations::Generations(const fs::path& home, std::string variant)
    : home_(plain_path(home)), variant_(std::move(variant)) {
  if (is_variant(variant_)) return;
  throw Error({"this is no name of a variant", home_.string(),
               "letters, digits, \".\", \"-\", \"_\"", quoted_path(variant_),
               "give a name as a bundle's folder variants/ has them"});
}

fs::path Generations::folder() const { return home_ / "profiles" / variant_; }

fs::path Generations::link() const { return folder() / "current"; }

fs::path Generations::folder_of(std::int64_t generation) const {
  return folder() / std::to_string(generation);
}

std::int64_t Generations::in_use() const {
  if (!check_home_folder(home_, fs::path("profiles") / variant_)) return 0;
  std::array<char, 32> target = {};
  const ssize_t size = ::readlink(link().c_str(), target.data(), target.size());
  if (size < 0 && errno == ENOENT) return 0;
  if (size < 0) {
    throw Error(damaged_profile(
        link(), "a link to a generation",
        errno == EINVAL ? "something else" : std::generic_category().message(errno)));
  }
  const std::string name(target.data(), static_cast<std::size_t>(size));
  const std::int64_t generation = generation_number(name);
  if (generation > 0) return generation;
  throw Error(damaged_profile(link(), "a link to a generation", "a link to " + quoted_path(name)));
}

std::vector<std::int64_t> Generations::numbers() const {
  std::vector<std::int64_t> numbers;
  if (!check_home_folder(home_, fs::path("profiles") / variant_)) return numbers;
  std::error_code failed;
  fs::directory_iterator entry(folder(), failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::int64_t number = generation_number(entry->path().filename().string());
    if (number > 0) numbers.push_back(number);
  }
  if (failed) throw Error(damaged_profile(folder(), "a folder", failed.message()));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Profile Generations::read(std::int64_t generation) const {
  const fs::path file = folder_of(generation) / "profile.json";
  check_home_folder(home_, fs::path("profiles") / variant_ / std::to_string(generation));
  std::string why;
  const std::optional<std::string> text = read_home_file(file, kMostProfileBytes, why);
  if (!text) throw Error(damaged_profile(file, "a file that this user may read", why));
  Profile profile = parse_profile(*text, file.string());
  if (profile.generation == generation) return profile;
  throw Error(damaged_profile(file, "generation " + std::to_string(generation),
                              "generation " + std::to_string(profile.generation)));
}

std::optional<Profile> Generations::read_if_right(std::int64_t generation) const {
  try {
    return read(generation);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace pressroom
