// The hub's web interface: which commit a revision is, and which files it has.
//
//   HubApi api(settings, client);
//   HubListing listing = api.list(parse_hub_name("EleutherAI/pythia-70m"));
//   listing.commit;                     // "a39f36b1..."
//   listing.files[0].name;              // "config.json"
//
// What the hub says is checked before it is believed: a file name or hash becomes a path.
#pragma once

#include <string>
#include <vector>

#include "hub/http.h"
#include "hub/hub_cache.h"
#include "hub/hub_listing.h"
#include "hub/hub_settings.h"

namespace pressroom {

class HubApi {
 public:
  // Both must outlive this.
  HubApi(const HubSettings& settings, HttpClient& client);

  // Throws Error for what the hub refuses (see refused), for an answer that makes no sense, and for
  // a file name that leads out of the repository; NetworkFailure; TransferStopped.
  HubListing list(const HubName& name);

  // Asks for the size and etag of `file`, for mirrors whose listings leave them out. Throws as
  // list.
  void look_up(const HubName& name, const std::string& commit, HubFile& file);

  // Where the bytes of `file` are.
  std::string file_url(const HubName& name, const std::string& commit,
                       const std::string& file) const;

  // The error for an `answer` that is none of the 2xx: what it means that the hub says no, and what
  // to do about it, with names that might have been meant. `file` is "" for the repository as a
  // whole.
  Error refused(const HubName& name, const HttpAnswer& answer, const std::string& file = "");

 private:
  std::vector<std::string> similar_models(const std::string& repository);
  std::vector<std::string> revisions(const std::string& repository);

  const HubSettings& settings_;
  HttpClient& client_;
};

}  // namespace pressroom
