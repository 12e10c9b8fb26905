#include <utility>

#include "campaign/campaign.h"
#include "campaign/dense_reference.h"
#include "campaign/helpful_keys.h"
#include "plugin/boundary.h"

namespace pressroom {
namespace {

bool needs_dense(const Metric& metric, std::size_t index) {
  return at_plugin_boundary("metric " + std::to_string(index + 1) + " of the config",
                            "saying what it needs", "", [&] { return metric.needs().dense; });
}

}  // namespace

PreparedCampaign prepare_campaign(CampaignConfig config, PluginHost& host) {
  PreparedCampaign campaign;
  campaign.config = std::move(config);
  for (const PluginUse& use : campaign.config.methods) {
    campaign.methods.push_back(make_configured_method(use, host));
  }
  for (const PluginUse& use : campaign.config.datasets) {
    campaign.datasets.push_back(make_configured_dataset(use, host));
  }
  for (const PluginUse& use : campaign.config.metrics) {
    campaign.metrics.push_back(make_configured_metric(use, host));
  }
  for (std::size_t i = 0; i < campaign.metrics.size(); ++i) {
    campaign.needs_dense = campaign.needs_dense || needs_dense(*campaign.metrics[i], i);
  }
  if (campaign.needs_dense) DenseReference::check_protocol(campaign.config.protocol.how);
  const KeysThatHelp keys = [&](std::size_t method, std::int64_t budget_tokens,
                                const std::function<bool(const EvictionPlan&)>& helps) {
    return helpful_keys(campaign.config.methods[method], budget_tokens, helps, host);
  };
  campaign.cells = plan_cells(campaign.config, campaign.methods, nullptr, keys);
  total_tokens(campaign.cells, campaign.config.protocol.documents);
  return campaign;
}

}  // namespace pressroom
