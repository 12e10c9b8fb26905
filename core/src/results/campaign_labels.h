// What a campaign's config says for people alone: its name, notes and tags, and the groups that its
// datasets and methods are shown in. No number depends on it.
//
//   const CampaignLabels labels = campaign_labels(stored.config);
//   labels.notes;                          // "Before the fix.\nSee the log."
//   labels.has_tag("paper");
//   group_of(labels.method_groups, "h2o"); // "heavy hitters"; "" where it is in none
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace pressroom {

struct CampaignLabels {
  std::string name;
  std::string model;              // as the config names it: a path is absolute
  std::string notes;              // lines, without a line end behind the last; "": none
  std::vector<std::string> tags;  // in the order of the config
  // By label (`as:`, else the plain name), of those that are in a group.
  std::map<std::string, std::string> dataset_groups;
  std::map<std::string, std::string> method_groups;

  bool has_tag(const std::string& tag) const;
};

// `config` is config.yaml as config_json() reads it. What it does not say, or says in another form
// than a config of this version does, is left empty: a page is made of every campaign.
CampaignLabels campaign_labels(const nlohmann::ordered_json& config);

// The group of `label`; "" where it is in none.
std::string group_of(const std::map<std::string, std::string>& groups, const std::string& label);

// What people call a model: of a path its last part, else its whole name.
//
//   short_model_name("/data/models/pythia-70m") == "pythia-70m"
//   short_model_name("EleutherAI/pythia-70m") == "EleutherAI/pythia-70m"
std::string short_model_name(const std::string& model);

}  // namespace pressroom
