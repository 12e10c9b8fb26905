// The files of a repository, wherever it is: in a folder, or below an https address.
//
//   const auto source = open_source("/srv/presses", stop_requested);
//   const std::optional<std::string> index = source->read("index.json", kMostIndexBytes);
//   if (!index) refuse("no index");
//
// Paths are relative, with "/" between names, and lead nowhere else.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pressroom {

class RepositorySource {
 public:
  virtual ~RepositorySource() = default;

  // The bytes of a file, or nothing where the repository has none of that name. Throws Error where
  // it has more than `most_bytes` - found before that many are in memory - and where it cannot be
  // read; TransferStopped (hub/http.h) when asked to stop.
  virtual std::optional<std::string> read(const std::string& path, std::uint64_t most_bytes) = 0;

  // For messages: where the file is.
  virtual std::string where(const std::string& path) const = 0;
};

// `location` in the one way that records spell it: a folder as an absolute path, an address without
// "/" at its end. Throws Error for
//
// - an address that is neither https nor http, or that cannot be parsed;
// - http to another machine than this one, which anybody on the way could change;
// - an address with a user, a password, a query or a fragment: it is stored and shown.
std::string normal_location(const std::string& location);

// Whether it is an address and not a folder.
bool is_web_location(const std::string& location);

// A folder's files are read if they are regular and no link leads to them: what is below a folder
// that several people write to may lead anywhere. Of an address, a redirect to another server or to
// http is refused. Throws Error as normal_location does; that nothing is there, read() says.
std::unique_ptr<RepositorySource> open_source(const std::string& location,
                                              const std::function<bool()>& stop_requested);

}  // namespace pressroom
