// The hub's JSON as values that may be trusted.
#pragma once

#include <string>

#include "hub/hub_api.h"

namespace pressroom {

// Of the answer to /api/models/NAME/revision/REVISION?blobs=true. Throws Error, naming `url`, for
// what is no such answer, and for file names that are absolute, empty or lead out of the
// repository.
HubListing parse_listing(const std::string& json, const std::string& url);

// The etag of a header ("\"abc\"", "W/\"abc\""), without what is around it. Throws Error, naming
// `url`, unless it can be a file's name.
std::string parse_etag(const std::string& header, const std::string& url);

}  // namespace pressroom
