#include "campaign/prepared_campaign.h"

#include <set>
#include <utility>

#include "admission/bind_method.h"
#include "campaign/dense_reference.h"
#include "campaign/plan_checks.h"
#include "engine/setup.h"
#include "engine/threads.h"
#include "model/text_settings.h"
#include "plugin/manifest.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

void check_vocabulary(const CampaignModel& model, const WarningSink& tell) {
  const std::int64_t known = model.description.facts.vocabulary;
  if (model.tokenizer->base_vocabulary_size() > known) {
    throw Error({"the tokenizer has ids that the model does not know",
                 model.files.tokenizer.string(), "at most " + std::to_string(known) + " ids",
                 std::to_string(model.tokenizer->base_vocabulary_size()),
                 "use the tokenizer that came with the model"});
  }
  if (model.tokenizer->vocabulary_size() > known) {
    tell(
        "the tokenizer has added tokens that the model does not know: texts that "
        "spell them are refused");
  }
}

void check_answers(const PreparedCampaign& campaign) {
  if (campaign.config.answers.are_generated) return;
  for (const CampaignMetric& metric : campaign.metrics) {
    if (!metric.needs.generated_answers) continue;
    throw Error({metric.label + " judges text that is generated", "metrics",
                 "answers: {from: generated}, under protocol questions", "answers that are forced",
                 "add it, or take exact_match, which needs no generation"});
  }
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
    campaign.metrics.push_back(asked_metric(make_configured_metric(use, host),
                                            quoted_label(PluginKind::kMetric, use.label), ""));
  }
  if (needs_of(campaign.metrics).dense) {
    DenseReference::check_protocol(campaign.config.protocol.how);
  }
  check_answers(campaign);
  const KeysThatHelp keys = [&](std::size_t method, std::int64_t budget_tokens,
                                const std::function<bool(const EvictionPlan&)>& helps) {
    return helpful_keys(campaign.config.methods[method], budget_tokens, helps, host);
  };
  campaign.cells = plan_cells(campaign.config, campaign.methods, nullptr, keys);
  total_tokens(campaign.cells, campaign.config.protocol.documents);
  return campaign;
}

ModelDescription check_against_model(const PreparedCampaign& campaign, const ModelFiles& files) {
  ModelDescription description = read_description(files);
  for (const std::int64_t context : campaign.config.protocol.context) {
    check_context(description, context);
  }
  check_positions_of_cells(campaign, description.facts, [](const std::string& /*later*/) {});
  return description;
}

CampaignModel find_campaign_model(PreparedCampaign& campaign, const WarningSink& tell) {
  const CampaignConfig& config = campaign.config;
  device_named(config.device);
  CampaignModel model;
  model.files = find_model(config.model);
  model.description = check_against_model(campaign, model.files);
  model.tokenizer = Tokenizer::load(model.files.tokenizer);
  check_vocabulary(model, tell);
  model.hashes = hash_model(model.files);
  if (config.answers.are_generated) {
    model.hashes.end_ids = read_text_settings(model.files).end_ids;
  }
  for (std::size_t i = 0; i < campaign.methods.size(); ++i) {
    bind_method(*campaign.methods[i], config.methods[i].name, model.files, model.description.facts);
  }
  if (blas_in_use() == "reference BLAS") {
    tell(
        "products run on the reference BLAS, many times slower than OpenBLAS: "
        "install libopenblas0-pthread");
  }
  return model;
}

ModelLimits limits_of(const CampaignConfig& config, const ModelFacts& facts) {
  return {facts, config.beyond_positions, "\"beyond_positions: true\""};
}

void check_positions_of_cells(const PreparedCampaign& campaign, const ModelFacts& facts,
                              const WarningSink& tell) {
  std::set<std::int64_t> told;
  PlanProblems problems;
  for (const PlannedCell& planned : campaign.cells) {
    if (planned.awaits_calibration) continue;
    const RunTerms terms = terms_of(planned, campaign.config);
    try {
      check_limits(terms, limits_of(campaign.config, facts));
    } catch (const Error& error) {
      for (const Problem& problem : error.problems()) problems.add(planned.cell, problem);
      continue;
    }
    const std::int64_t used = positions_used(terms.settings, terms.context_tokens);
    if (used <= facts.max_positions || !told.insert(used).second) continue;
    tell(std::to_string(used) + " positions are used, and the model was made for " +
         std::to_string(facts.max_positions));
  }
  if (!problems.empty()) throw Error(problems.merged());
}

}  // namespace pressroom
