#include "saved_cache/origin.h"

#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "engine/arithmetic_version.h"
#include "plugin/boundary.h"
#include "pressroom/plugin.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

const char* evicted(const RunSettings& settings) {
  const bool after = settings.protocol.continuation == Continuation::kHold &&
                     settings.plan.phases != Phases::kPrefill;
  if (settings.plan.phases == Phases::kDecoding) return after ? "after" : "never";
  return after ? "both" : "prompt";
}

}  // namespace

SavedSequenceOrigin origin_of(const ModelFiles& files, const PluginUse& use, const Method& method,
                              const PluginHost& host) {
  SavedSequenceOrigin origin;
  origin.model = hash_model(files);
  origin.method = use.text();
  origin.method_version = host.find(PluginKind::kMethod, use.name).version;
  origin.method_sha256 = method_sha256(use, host);
  const std::vector<std::string> read = at_plugin_boundary(
      "the method", "naming its files", use.label, [&] { return method.files(); });
  for (const std::string& file : read) origin.method_files_sha256.push_back(sha256_file(file));
  return origin;
}

Json made_from(const SavedSequenceOrigin& origin, const Sequence& sequence) {
  const RunSettings& settings = sequence.settings();
  const Model& model = sequence.model();
  Json parts = {{"pressroom", PRESSROOM_VERSION},
                {"arithmetic", std::to_string(kArithmeticVersion)},
                {"libtorch", PRESSROOM_TORCH_VERSION},
                {"config_sha256", origin.model.config},
                {"weights_sha256", origin.model.weights},
                {"tokenizer_sha256", origin.model.tokenizer},
                {"dtype", to_string(model.dtype())},
                {"device", model.device().str()},
                {"kv_dtype", to_string(settings.kv_dtype)},
                {"method", origin.method},
                {"method_version", origin.method_version},
                {"method_sha256", origin.method_sha256},
                {"budget_tokens", nullptr},
                {"positions", to_string(settings.positions)},
                {"evicted", evicted(settings)},
                {"random", nullptr}};
  for (std::size_t i = 0; i < origin.method_files_sha256.size(); ++i) {
    parts["method_file_" + std::to_string(i) + "_sha256"] = origin.method_files_sha256[i];
  }
  // Without one it is room for all that will be fed, which may be more the next time.
  if (takes_budget(settings.plan)) parts["budget_tokens"] = std::to_string(settings.budget_tokens);
  if (settings.protocol.continuation == Continuation::kHold && asks_policy(settings.plan)) {
    parts["random"] = std::to_string(settings.random.with(sequence.id()).bits());
  }
  return parts;
}

}  // namespace pressroom
