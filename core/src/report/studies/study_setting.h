// A campaign's config as the studies' files tell it.
#pragma once

#include "report/studies/study.h"

namespace pressroom {

struct CampaignConfig;

// `config` of it: name, model, device, dtype, engine, protocol, context_lengths, num_samples,
// datasets, methods and metrics (by label: name and parameters), sparsity_levels or budgets, seeds.
StudySetting study_setting_of(const CampaignConfig& config);

}  // namespace pressroom
