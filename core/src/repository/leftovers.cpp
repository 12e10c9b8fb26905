#include "repository/leftovers.h"

#include <sys/stat.h>

#include <charconv>
#include <set>
#include <system_error>

#include "base/strings.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "signing/signature.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kKeptSignatures = 16;  // and the current one is among them
constexpr std::string_view kCommentStart = "pressroom repository, serial ";

// The regular files in a folder.
std::vector<Leftover> files_in(const fs::path& folder) {
  std::vector<Leftover> files;
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    struct stat status = {};
    if (::lstat(entry->path().c_str(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    files.push_back({entry->path(), "", {status.st_mtim.tv_sec}});
  }
  return files;
}

std::optional<std::int64_t> serial_of(const fs::path& signature) {
  try {
    const std::string text = text_of_file(signature);
    return serial_in_comment(Signature::parse(text, signature.string()).trusted_comment);
  } catch (const Error&) {
    return std::nullopt;  // of something else
  }
}

void remove_file(const fs::path& file) {
  std::error_code ignored;
  fs::remove(file, ignored);
}

}  // namespace

std::vector<Leftover> leftovers_in(const fs::path& repository, const RepositoryIndex& index,
                                   std::string_view index_text) {
  std::vector<Leftover> leftovers;
  const auto add = [&](const Leftover& file, const char* what) {
    leftovers.push_back({file.file, what, file.modified});
  };
  std::set<std::string> named;
  for (const IndexedBundle& bundle : index.bundles) named.insert(bundle.file);
  const std::string signature = index_signature_path(index_text);
  for (const char* folder : {"", kBundlesFolder, kSignaturesFolder}) {
    for (const Leftover& file : files_in(repository / folder)) {
      const std::string path = folder + file.file.filename().string();
      if (ends_with(path, ".partial")) {
        add(file, "a file that was not written to its end");
      } else if (folder == std::string_view(kBundlesFolder) && ends_with(path, ".press.tar.zst") &&
                 named.count(path) == 0) {
        add(file, "a bundle that the index does not name");
      } else if (folder == std::string_view(kSignaturesFolder) && ends_with(path, ".minisig") &&
                 path != signature && serial_of(file.file).value_or(0) >= index.serial) {
        add(file, "the signature of an index that was never put in place");
      }
    }
  }
  return leftovers;
}

void remove_old_files(const fs::path& repository, const RepositoryIndex& index,
                      std::string_view index_text, UtcTime now) {
  constexpr std::chrono::hours kWeek(7 * 24);
  for (const Leftover& leftover : leftovers_in(repository, index, index_text)) {
    if (leftover.modified.after(kWeek) < now) remove_file(leftover.file);
  }
  for (const Leftover& file : files_in(repository / kSignaturesFolder)) {
    const std::optional<std::int64_t> serial = serial_of(file.file);
    if (serial && *serial <= index.serial - kKeptSignatures) remove_file(file.file);
  }
}

std::string index_comment(const RepositoryIndex& index) {
  return std::string(kCommentStart) + std::to_string(index.serial) + ", expires " +
         index.expires.text();
}

std::optional<std::int64_t> serial_in_comment(std::string_view comment) {
  if (!begins_with(comment, kCommentStart)) return std::nullopt;
  comment.remove_prefix(kCommentStart.size());
  std::int64_t serial = 0;
  const auto [end, code] = std::from_chars(comment.data(), comment.data() + comment.size(), serial);
  if (code != std::errc() || serial < 1 || serial > kHighestSerial) return std::nullopt;
  return serial;
}

}  // namespace pressroom
