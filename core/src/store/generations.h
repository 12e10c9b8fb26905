// The generations of a profile as they lie on the disk: numbered folders, and a link to the one in
// use.
//
//   const Generations generations(home, variant_name());
//   generations.read(generations.in_use());
//
// For profile.h alone, which has what the rest of Pressroom needs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "store/profile.h"

namespace pressroom {

// Whether it can be the name of a variant, and so one part of a path: letters of is_variant_letter
// (bundle/member_path.h), and neither "." nor "..".
bool is_variant(const std::string& name);

class Generations {
 public:
  // Throws Error for what is no variant. Looks at nothing yet.
  Generations(const std::filesystem::path& home, std::string variant);

  // profiles/<variant>, and the link and the folder of a generation in it.
  std::filesystem::path folder() const;
  std::filesystem::path link() const;
  std::filesystem::path folder_of(std::int64_t generation) const;

  // The generation that the link leads to; 0 where there is no link. Throws Error where it leads
  // anywhere else, and for folders that cannot be trusted (plugin_home.h).
  std::int64_t in_use() const;

  // The numbers that there are folders of, from the lowest on. Throws Error.
  std::vector<std::int64_t> numbers() const;

  // Throws Error where it is damaged or missing.
  Profile read(std::int64_t generation) const;

  // The same; nothing where it throws.
  std::optional<Profile> read_if_right(std::int64_t generation) const;

 private:
  std::filesystem::path home_;
  std::string variant_;
};

}  // namespace pressroom
