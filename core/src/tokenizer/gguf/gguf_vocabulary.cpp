#include "tokenizer/gguf/gguf_vocabulary.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "pressroom/error.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

using nlohmann::json;

enum Type : std::int64_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kByte = 6 };

constexpr char kGetAnotherFile[] = "get the file anew; this one is damaged";

void check_size(const std::string& where, const char* key, std::size_t size, std::size_t tokens) {
  if (size == tokens) return;
  throw Error({std::string(key) + " does not fit the vocabulary", where,
               "one for each of the " + std::to_string(tokens) + " tokens", std::to_string(size),
               kGetAnotherFile});
}

// SentencePiece makes no token of these by merging.
bool can_be_merged(std::int64_t type) {
  return type != kUnknown && type != kControl && type != kByte;
}

std::vector<std::uint32_t> ranks_of(const std::vector<double>& scores, const std::string& where) {
  for (const double score : scores) {
    if (!std::isnan(score)) continue;
    throw Error({"a score is not a number", where + ": tokenizer.ggml.scores",
                 "a number for each token", "NaN", kGetAnotherFile});
  }
  std::vector<double> order = scores;
  std::sort(order.begin(), order.end(), std::greater<>());
  order.erase(std::unique(order.begin(), order.end()), order.end());
  std::vector<std::uint32_t> ranks;
  for (const double score : scores) {
    // Equal scores share a rank, which leaves the leftmost pair to go first, as in SentencePiece.
    const auto place = std::lower_bound(order.begin(), order.end(), score, std::greater<>());
    ranks.push_back(static_cast<std::uint32_t>(place - order.begin()));
  }
  return ranks;
}

}  // namespace

GgufTokens::GgufTokens(const GgufFile& file)
    : where(file.path().string()), texts(file.texts("tokenizer.ggml.tokens")) {
  if (texts.empty() || texts.size() > static_cast<std::size_t>(kMaxTokenId)) {
    throw Error({"the vocabulary is not usable", where,
                 "from 1 to " + std::to_string(kMaxTokenId) + " tokens",
                 std::to_string(texts.size()), kGetAnotherFile});
  }
  types.assign(texts.size(), kNormal);
  if (file.has("tokenizer.ggml.token_type")) {
    types = file.integers("tokenizer.ggml.token_type");
    check_size(where, "tokenizer.ggml.token_type", types.size(), texts.size());
  }
}

std::vector<AddedToken> GgufTokens::added() const {
  std::vector<AddedToken> result;
  for (std::size_t id = 0; id < texts.size(); ++id) {
    const std::int64_t type = types[id];
    const bool wanted = type == kUnknown || type == kControl || type == kUserDefined;
    if (!wanted || texts[id].empty()) continue;
    AddedToken token;
    token.id = static_cast<std::int64_t>(id);
    token.content = texts[id];
    result.push_back(token);
  }
  return result;
}

BpeDefinition gguf_byte_level_vocabulary(const GgufFile& file, const GgufTokens& tokens) {
  json vocab;
  for (std::size_t id = 0; id < tokens.texts.size(); ++id) vocab.emplace(tokens.texts[id], id);
  const json model = {{"vocab", vocab}, {"merges", file.texts("tokenizer.ggml.merges")}};
  return BpeDefinition::from_json(model, tokens.where + ": tokenizer.ggml");
}

BpeDefinition gguf_scored_vocabulary(const GgufFile& file, const GgufTokens& tokens) {
  BpeDefinition result;
  result.where = tokens.where + ": tokenizer.ggml";
  result.byte_fallback = true;
  result.fuse_unknown = true;
  const std::vector<double>& scores = file.numbers("tokenizer.ggml.scores");
  check_size(tokens.where, "tokenizer.ggml.scores", scores.size(), tokens.texts.size());
  const std::vector<std::uint32_t> ranks = ranks_of(scores, tokens.where);
  std::unordered_map<std::string, std::int32_t> parts;
  for (std::size_t id = 0; id < tokens.texts.size(); ++id) {
    result.ids.emplace(tokens.texts[id], static_cast<std::int32_t>(id));
    if (can_be_merged(tokens.types[id])) {
      parts.emplace(tokens.texts[id], static_cast<std::int32_t>(id));
    }
  }
  for (const auto& [text, id] : parts) {
    // SentencePiece lists no merges: any two neighbours that make a token together may be joined.
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      const auto left = parts.find(text.substr(0, cut));
      if (left == parts.end()) continue;
      const auto right = parts.find(text.substr(cut));
      if (right == parts.end() || left->first.empty()) continue;
      result.merges.push_back({left->second, right->second, id, ranks[id]});
    }
  }
  if (file.has("tokenizer.ggml.unknown_token_id")) {
    const std::int64_t unknown = file.integer("tokenizer.ggml.unknown_token_id");
    const bool known = unknown >= 0 && unknown < static_cast<std::int64_t>(tokens.texts.size());
    if (known) result.unknown = static_cast<std::int32_t>(unknown);
  }
  return result;
}

}  // namespace pressroom
