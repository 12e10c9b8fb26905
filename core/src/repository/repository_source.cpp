#include "repository/repository_source.h"

#include <filesystem>
#include <system_error>

#include "base/utf8.h"
#include "hub/http.h"
#include "pressroom/error.h"
#include "repository/folder_source.h"
#include "repository/web_source.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScheme = "://";

[[noreturn]] void refuse_location(const std::string& what, const std::string& expected,
                                  const std::string& got) {
  throw Error(
      {what, "the repository's location", expected, got, "give a folder, or an https address"});
}

std::string normal_address(std::string address) {
  while (!address.empty() && address.back() == '/') address.pop_back();
  const std::size_t host = address.find(kScheme) + std::string(kScheme).size();
  const std::string authority = address.substr(host, address.find('/', host) - host);
  if (address.find_first_of("?#") != std::string::npos ||
      authority.find('@') != std::string::npos) {
    refuse_location("the address has a user, a query or a fragment", "https://HOST[:PORT][/PATH]",
                    shown_url(address));
  }
  try {
    url_origin(address);
  } catch (const Error& error) {
    refuse_location(error.problems()[0].what, error.problems()[0].expected,
                    error.problems()[0].got);
  }
  if (travels_in_clear(address)) {
    refuse_location("the address is not encrypted, and is not of this machine", "https://",
                    shown_url(address));
  }
  return address;
}

}  // namespace

bool is_web_location(const std::string& location) {
  return location.find(kScheme) != std::string::npos;
}

std::string normal_location(const std::string& location) {
  if (is_web_location(location)) return normal_address(location);
  if (location.empty() || location.find('\0') != std::string::npos) {
    refuse_location("the location is no path", "a folder, or an address", '"' + location + '"');
  }
  std::error_code failed;
  fs::path folder = fs::absolute(location, failed).lexically_normal();
  if (failed) {
    refuse_location("the location is no path", "a folder, or an address", failed.message());
  }
  if (!folder.has_filename() && folder.has_relative_path()) folder = folder.parent_path();
  // It is kept as text, and would be another path when it is read again.
  if (valid_utf8_length(folder.string()) != folder.string().size()) {
    refuse_location("the location cannot be kept", "a path in UTF-8", escaped(folder.string()));
  }
  return folder.string();
}

std::unique_ptr<RepositorySource> open_source(const std::string& location,
                                              const std::function<bool()>& stop_requested) {
  const std::string place = normal_location(location);
  if (is_web_location(place)) return open_web_source(place, stop_requested);
  return open_folder_source(place);
}

}  // namespace pressroom
