#include "campaign/provenance.h"

#include <sys/utsname.h>
#include <torch/version.h>

#include <boost/version.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/sha256.h"
#include "campaign/locked_plugins.h"
#include "engine/arithmetic_version.h"
#include "engine/threads.h"
#include "parallel/parallel_for.h"
#include "plugin/boundary.h"
#include "pressroom/plugin.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json plugin_use_to_json(const PluginUse& use, PluginKind kind, const PluginHost& host) {
  // By the plain name: the same bits have the same key, however their version was asked for.
  Json json = {{"name", use.plain_name()}, {"sha256", host.sha256(kind, use.name)}};
  for (const auto& [name, value] : use.values) json["parameters"][name] = to_string(value);
  for (const auto& [name, inner] : use.inner) {
    json["inner"][name] = plugin_use_to_json(*inner, PluginKind::kMethod, host);
  }
  return json;
}

// For the record: which file it was, too, and its version.
Json plugin_record_to_json(const PluginUse& use, PluginKind kind, const PluginHost& host) {
  const PluginRecord& record = host.find(kind, use.name);
  Json json = plugin_use_to_json(use, kind, host);
  json["version"] = record.version;
  json["path"] = record.file.string();
  json["origin"] = origin_json(record);
  for (const auto& [name, inner] : use.inner) {
    json["inner"][name] = plugin_record_to_json(*inner, PluginKind::kMethod, host);
  }
  return json;
}

std::string cpu_model() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace

ModelHashes hash_model(const ModelFiles& files) {
  std::string weights = sha256_file(files.weights.front());
  if (files.is_gguf()) return {weights, weights, weights};
  if (!files.shard_index.empty()) {
    Sha256 all;
    all.update(sha256_file(files.shard_index)).update(weights);
    for (std::size_t i = 1; i < files.weights.size(); ++i) {
      all.update(sha256_file(files.weights[i]));
    }
    weights = all.hex();
  }
  return {sha256_file(files.config), weights, sha256_file(files.tokenizer)};
}

Json content_parts(const PlannedCell& planned, const CampaignConfig& config,
                   const ModelHashes& model, const std::vector<Window>& windows,
                   const std::vector<std::string>& method_files, const PluginHost& host) {
  Json key = {{"version", kArithmeticVersion},
              {"pressroom", PRESSROOM_VERSION},
              {"libtorch", PRESSROOM_TORCH_VERSION},
              {"model", {model.config, model.weights, model.tokenizer}},
              {"protocol", config.protocol.how.text()},
              {"context", planned.cell.context_tokens},
              {"budget", planned.cell.budget_tokens},
              {"positions", to_string(planned.cell.positions)},
              {"seed", planned.cell.seed},
              {"engine", to_string(planned.engine)},
              {"device", config.device},
              {"dtype", config.dtype}};
  // Cells of float32 keep the key that they had before there was anything else.
  if (planned.cell.kv_dtype != Cell().kv_dtype) key["kv_dtype"] = planned.cell.kv_dtype;
  if (!planned.cell.constraints.empty()) key["constraints"] = planned.cell.constraints;
  key["method"] = plugin_use_to_json(config.methods[planned.method], PluginKind::kMethod, host);
  for (const std::string& file : method_files) key["method files"].push_back(sha256_file(file));
  if (config.answers.are_generated) {
    key["generated"] = {config.answers.most_tokens, config.answers.stop, model.end_ids};
  }
  // Where each document's budget is of its own context, the cell's says less than all.
  if (const auto sparsity = terms_of(planned, config).settings.sparsity) {
    key["sparsity"] = *sparsity;
  }
  for (const PluginUse& use : config.metrics) {
    key["metrics"].push_back(plugin_use_to_json(use, PluginKind::kMetric, host));
  }
  // The id too: random methods draw by it.
  for (const Window& window : windows) {
    Json one = {window.tokens.id, window.ids_sha256};
    for (const TokenRange& answer : window.answers) one.push_back({answer.begin, answer.end});
    for (const QuestionTokens& question : window.tokens.questions) one.push_back(question.begin);
    if (!window.task_sha256.empty()) one.push_back(window.task_sha256);
    // Cells that do not tell their right answers by document are run again.
    if (!window.answers.empty()) key["answers"] = "by document";
    key["windows"].push_back(std::move(one));
  }
  return key;
}

std::string content_key(const Json& parts) { return sha256_hex(json_line(parts)); }

std::string content_key(const PlannedCell& planned, const CampaignConfig& config,
                        const ModelHashes& model, const std::vector<Window>& windows,
                        const std::vector<std::string>& method_files, const PluginHost& host) {
  return content_key(content_parts(planned, config, model, windows, method_files, host));
}

std::string method_sha256(const PluginUse& use, const PluginHost& host) {
  return sha256_hex(json_line(plugin_use_to_json(use, PluginKind::kMethod, host)));
}

Json provenance(const CampaignConfig& config, const ModelFiles& files,
                const ModelDescription& model, const ModelHashes& hashes,
                const std::vector<std::unique_ptr<DatasetReader>>& datasets, const PluginHost& host,
                const std::vector<std::string>& command_line) {
  utsname machine = {};
  ::uname(&machine);
  Json json = {{"pressroom", PRESSROOM_VERSION},
               {"sdk", PRESSROOM_SDK_VERSION},
               {"libtorch", PRESSROOM_TORCH_VERSION},
               {"blas", blas_in_use()},
               {"compiler", PRESSROOM_COMPILER},
               {"boost", BOOST_LIB_VERSION},
               {"command_line", command_line},
               {"machine",
                {{"system", std::string(machine.sysname) + " " + machine.release},
                 {"cpu", cpu_model()},
                 {"cores", available_cores()}}},
               {"model",
                {{"name", config.model},
                 {"path", files.root.string()},
                 {"config_sha256", hashes.config},
                 {"weights_sha256", hashes.weights},
                 {"tokenizer_sha256", hashes.tokenizer},
                 {"family", model.family},
                 {"dtype", config.dtype}}}};
  for (const PluginUse& use : config.methods) {
    json["methods"][use.label] = plugin_record_to_json(use, PluginKind::kMethod, host);
  }
  for (std::size_t i = 0; i < datasets.size(); ++i) {
    const PluginUse& use = config.datasets[i];
    json["datasets"][use.label] = plugin_record_to_json(use, PluginKind::kDataset, host);
    const std::vector<SourceFile> files =
        at_plugin_boundary("the dataset reader", "naming its files", use.label,
                           [&] { return datasets[i]->sources(); });
    for (const SourceFile& file : files) {
      json["datasets"][use.label]["files"].push_back({{"path", file.path},
                                                      {"bytes", file.bytes},
                                                      {"sha256", file.sha256},
                                                      {"documents", file.documents},
                                                      {"skipped", file.skipped}});
    }
  }
  for (const PluginUse& use : config.metrics) {
    json["metrics"][use.label] = plugin_record_to_json(use, PluginKind::kMetric, host);
  }
  return json;
}

}  // namespace pressroom
