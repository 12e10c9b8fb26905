#include "protocol/server_constraints.h"

namespace pressroom {

std::vector<std::pair<std::string, std::string>> ServerConstraints::settings() const {
  ConstraintChoice set;
  if (evict_in_blocks > 1) set.evict_in_blocks = evict_in_blocks;
  if (heads_together) set.heads_together = true;
  if (append_only) set.append_only = true;
  if (keep_prompt) set.keep_prompt = true;
  return set.settings();
}

ServerConstraints ConstraintChoice::over(const ServerConstraints& of_protocol) const {
  ServerConstraints server;
  server.evict_in_blocks = evict_in_blocks.value_or(of_protocol.evict_in_blocks);
  server.heads_together = heads_together.value_or(of_protocol.heads_together);
  server.append_only = append_only.value_or(of_protocol.append_only);
  server.keep_prompt = keep_prompt.value_or(of_protocol.keep_prompt);
  return server;
}

std::vector<std::pair<std::string, std::string>> ConstraintChoice::settings() const {
  const auto word = [](bool value) { return std::string(value ? "true" : "false"); };
  std::vector<std::pair<std::string, std::string>> all;
  if (evict_in_blocks) all.emplace_back("evict_in_blocks", std::to_string(*evict_in_blocks));
  if (heads_together) all.emplace_back("heads", *heads_together ? "together" : "apart");
  if (append_only) all.emplace_back("append_only", word(*append_only));
  if (keep_prompt) all.emplace_back("keep_prompt", word(*keep_prompt));
  return all;
}

std::string ConstraintChoice::text() const {
  std::string text;
  for (const auto& [name, value] : settings()) {
    text += (text.empty() ? "{" : ", ") + name + ": " + value;
  }
  return text.empty() ? text : text + "}";
}

std::string ConstraintChoice::label_suffix() const {
  std::string suffix;
  if (evict_in_blocks) suffix += "_blocks" + std::to_string(*evict_in_blocks);
  if (heads_together) suffix += *heads_together ? "_together" : "_apart";
  if (append_only) suffix += *append_only ? "_append_only" : "_not_append_only";
  if (keep_prompt) suffix += *keep_prompt ? "_keep_prompt" : "_not_keep_prompt";
  return suffix;
}

}  // namespace pressroom
