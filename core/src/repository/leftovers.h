// What publishers that were killed left in a repository's folder: nobody reads it, and the next
// publishers remove it when it has become old.
//
//   for (const Leftover& left : leftovers_in(repository, index, index_text)) mention(left);
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utc_time.h"
#include "repository/repository_index.h"

namespace pressroom {

struct Leftover {
  std::filesystem::path file;
  std::string what;  // "a bundle that the index does not name"
  UtcTime modified;  // by the file system's clock
};

// Files that were not written to their end, bundles that the index does not name, and signatures of
// indexes that were never put in place. Other files are nobody's business. What cannot be looked at
// is left out.
std::vector<Leftover> leftovers_in(const std::filesystem::path& repository,
                                   const RepositoryIndex& index, std::string_view index_text);

// Removes those that have not been touched for a week before `now`, and the signatures of indexes
// but the last 16: readers that are slow still find the one they need. What cannot be removed
// stays.
void remove_old_files(const std::filesystem::path& repository, const RepositoryIndex& index,
                      std::string_view index_text, UtcTime now);

// The trusted comment of an index's signature, and the serial number in one; nothing for another
// text.
std::string index_comment(const RepositoryIndex& index);
std::optional<std::int64_t> serial_in_comment(std::string_view comment);

}  // namespace pressroom
