#include "campaign/extension.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "base/shell_word.h"
#include "base/strings.h"
#include "base/whole_file.h"
#include "campaign/extension_count.h"
#include "campaign/other_tokens.h"
#include "campaign/sampling.h"
#include "results/config_json.h"
#include "results/history.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Files that versions without plans left.
bool has_cells(const fs::path& directory) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find("_seed") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

ConfigDifference DirectoryConfig::difference(const std::string& now) const {
  if (yaml.empty() || yaml == now) return {};
  const std::string file = (directory / "config.yaml").string();
  return config_difference(config_json(yaml, file), config_json(now, "the config"), file);
}

DirectoryConfig read_directory_config(const fs::path& directory) {
  DirectoryConfig stored;
  stored.directory = directory;
  const fs::path file = directory / "config.yaml";
  if (!fs::exists(file)) return stored;
  stored.yaml = read_campaign_file(file);
  if (fs::exists(directory / "plan.json")) {
    stored.plan = read_plan(directory);
    // Where an extension was interrupted, that of the plan. Where it was the next run's own copy of
    // a config that says the same of the numbers, either will do.
    try {
      stored.yaml = text_of_plan(directory, "config.yaml", stored.plan->config_sha256);
    } catch (const Error&) {
      stored.is_edited = true;
    }
  } else if (!has_cells(directory)) {
    stored.yaml.clear();  // nothing came of it
  }
  return stored;
}

Error another_campaign(const fs::path& directory) {
  return Error({"the output directory holds another campaign", (directory / "config.yaml").string(),
                "the config this directory was started with", "a config that resolves differently",
                "choose another directory with --out, or run the old config to finish it"});
}

void check_extension(const ConfigDifference& difference, const DirectoryConfig& stored) {
  if (!difference.problems.empty()) throw Error(difference.problems);
  // Results of a version that wrote no plans.
  if (difference.needs_extension() && !stored.plan) throw another_campaign(stored.directory);
}

std::string Extension::changes_text() const { return joined(texts_of(changes), "; "); }

std::string Extension::text() const {
  std::string text = counted(static_cast<std::int64_t>(counts.added), "cell", "cells") + " new";
  const auto add = [&text](std::size_t count, const std::string& words) {
    if (count > 0) text += ", " + std::to_string(count) + ' ' + words;
  };
  add(counts.again, "to run again (" + joined(reasons, "; ") + ')');
  add(counts.waiting, "not run yet");
  add(counts.awaiting, "whose budgets are found first");
  add(counts.reused, "reused");
  add(counts.left, "no longer in the plan (kept, marked)");
  return text;
}

Extension plan_extension(const ConfigDifference& difference, const std::vector<Job>& jobs,
                         const DirectoryConfig& stored, const ResultsByKey& results) {
  std::vector<Problem> problems = difference.problems;
  const StoredPlan before = stored.plan.value_or(StoredPlan());
  add_other_tokens(jobs, before, stored.directory, problems);
  if (!problems.empty()) throw Error(problems);
  Extension extension;
  extension.changes = difference.changes;
  ExtensionCount count(before, results);
  for (const Job& job : jobs) count.add(job, extension);
  count.finish(before, extension);
  return extension;
}

std::optional<Extension> preview_extension(PreparedCampaign& campaign, const fs::path& directory,
                                           const PluginHost& host) {
  const DirectoryConfig stored = read_directory_config(directory);
  const ConfigDifference difference = stored.difference(frozen_yaml(campaign.config));
  if (!difference.needs_extension()) return std::nullopt;
  check_extension(difference, stored);
  const CampaignModel model = find_campaign_model(campaign, [](const std::string& /*later*/) {});
  WindowStore windows(campaign.config, campaign.datasets, *model.tokenizer,
                      model.description.facts.vocabulary);
  const CampaignDirectory place(directory);
  const std::vector<Job> jobs =
      make_jobs({campaign, model, windows, place, host, [] { return false; }});
  return plan_extension(difference, jobs, stored, ResultsByKey({directory}));
}

std::string question_of(const Extension& extension) {
  return "the config of the directory has changed: " + extension.changes_text() + '\n' +
         extension.text() + "\nextend it?";
}

Error not_extended(const Extension& extension, const fs::path& directory,
                   const std::vector<std::string>& command_line) {
  std::vector<std::string> words;
  words.reserve(command_line.size());
  for (const std::string& word : command_line) words.push_back(shell_word(word));
  return Error({"the config of the directory has changed", (directory / "config.yaml").string(),
                "the config that the directory has, or --extend", extension.changes_text(),
                "to extend it - " + extension.text() + " - run: " + joined(words, " ") +
                    " --extend; for another campaign choose another directory with --out"});
}

}  // namespace pressroom
