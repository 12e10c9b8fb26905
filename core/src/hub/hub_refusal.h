// What it means that the hub says no, and what to do about it.
#pragma once

#include <string>
#include <vector>

#include "hub/http.h"
#include "hub/hub_cache.h"
#include "hub/hub_settings.h"

namespace pressroom {

// Why the hub refuses. It hides what a visitor may not know of: without a token, a model that does
// not exist looks like a private one.
enum class Refusal { kNoModel, kNoRevision, kNoFile, kGated, kBadToken, kForbidden, kOther };

Refusal refusal_of(const HttpAnswer& answer, bool with_token, bool of_file);

// The message for it. `file` is "" for the repository as a whole; `similar` are names that might
// have been meant: models, or revisions, best first or in any order.
Problem refusal_problem(Refusal refusal, const HttpAnswer& answer, const HubSettings& settings,
                        const HubName& name, const std::string& file,
                        const std::vector<std::string>& similar);

}  // namespace pressroom
