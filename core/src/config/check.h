// The campaign out of its tree: every key checked against the schema, every plugin against what it
// declares, and the rules that tie keys together.
#pragma once

#include "config/catalog.h"
#include "config/values.h"

namespace pressroom {

// `root` is a map. What is wrong goes to `context.problems`; the result is complete and consistent
// only when that stays empty.
CampaignConfig check_campaign(const YamlNode& root, ConfigCatalog& catalog,
                              const ReadContext& context);

}  // namespace pressroom
