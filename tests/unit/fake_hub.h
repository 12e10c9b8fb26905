// A hub with one model, as far as downloads see it: the listing, the files, branches, a search.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "http_test_server.h"
#include "hub/hub_settings.h"
#include "hub/pull.h"
#include "plugin_test_support.h"

namespace pressroom {

inline constexpr char kCommit[] = "0123456789abcdef0123456789abcdef01234567";

struct FakeFile {
  std::string content;
  bool is_large = false;     // named by its SHA-256, and served by a redirect when there is a store
  std::string claimed_hash;  // in place of the true one
  std::optional<std::int64_t> claimed_size;
};

// The git name of `content`: SHA-1 of "blob SIZE\0" and the bytes.
std::string git_hash(const std::string& content);

class FakeHub {
 public:
  FakeHub();

  // What the tests change before they pull.
  std::map<std::string, FakeFile> files;
  std::string repository = "someone/tiny";
  bool lists_blobs = true;  // sizes and hashes are in the listing
  std::string store_url;    // where large files are redirected to; "" for none
  // Asked first; nothing for the usual answer.
  std::function<std::optional<TestAnswer>(const TestRequest&)> instead;

  // Of this hub, into `folder`/hub, with `token`.
  HubSettings settings(const std::string& token = "") const;
  PullResult pull(PullObserver& observer, const std::string& name = "someone/tiny",
                  const std::vector<std::string>& wanted = {}, const std::string& token = "") const;
  PullResult pull(const std::string& name = "someone/tiny") const;

  // How often a file's bytes were asked for.
  int downloads() const;
  std::filesystem::path root() const { return folder_.path() / "hub"; }
  std::filesystem::path folder() const { return root() / "models--someone--tiny"; }
  const HttpTestServer& server() const { return server_; }

 private:
  TestAnswer answer(const TestRequest& request) const;
  TestAnswer listing() const;
  TestAnswer file(const TestRequest& request, const std::string& name) const;

  ScratchFolder folder_;
  HttpTestServer server_;
};

// Patience for tests: no pauses.
HttpOptions hurried();

}  // namespace pressroom
