#include "campaign/token_texts.h"

#include <nlohmann/json.hpp>

namespace pressroom {

void store_token_texts(const Window& window, const Tokenizer& tokenizer,
                       const CampaignDirectory& directory) {
  using Json = nlohmann::ordered_json;
  const std::string name = "tokens/" + window.ids_sha256 + ".json";
  if (std::filesystem::exists(directory.path() / name)) return;
  Json json = {{"document", window.tokens.id}, {"ids_sha256", window.ids_sha256}};
  json["tokens"] = Json::array();
  for (const std::int64_t id : window.tokens.ids) {
    json["tokens"].push_back(tokenizer.token_bytes(id));
  }
  directory.write(name, json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace pressroom
