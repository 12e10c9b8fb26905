#include "tokenizer/byte_level_bpe.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/component.h"

namespace pressroom {
namespace {

using nlohmann::json;
using Ids = std::unordered_map<std::string, std::int32_t>;

constexpr std::int32_t kNone = -1;

Ids read_vocabulary(const json& vocab, const std::string& where) {
  Ids ids;
  for (const auto& [token, id] : vocab.items()) {
    ids.emplace(token, static_cast<std::int32_t>(token_id(id, where + ".vocab")));
  }
  return ids;
}

std::pair<std::string, std::string> read_pair(const json& merge, const std::string& where) {
  if (merge.is_array() && merge.size() == 2) {
    return {merge[0].get<std::string>(), merge[1].get<std::string>()};
  }
  if (merge.is_string()) {
    const std::string text = merge.get<std::string>();
    const std::size_t space = text.find(' ');
    const bool two = space != std::string::npos && text.find(' ', space + 1) == std::string::npos;
    if (two) return {text.substr(0, space), text.substr(space + 1)};
  }
  refuse_option(where, "merges", merge, R"("left right" or ["left", "right"])");
}

std::vector<BpeMerge> read_merges(const json& merges, const Ids& ids, const std::string& where) {
  std::vector<BpeMerge> result;
  for (const json& merge : merges) {
    const std::string place = where + ".merges[" + std::to_string(result.size()) + "]";
    const auto [left, right] = read_pair(merge, place);
    const auto id = [&ids, &place](const std::string& token) {
      const auto found = ids.find(token);
      if (found != ids.end()) return found->second;
      throw Error({"a merge needs a token that the vocabulary does not have", place,
                   "both parts of the merge, and the two joined, in vocab", "\"" + token + "\"",
                   "get the tokenizer.json anew; this one is damaged"});
    };
    result.push_back({id(left), id(right), id(left + right)});
  }
  return result;
}

void refuse_unknown_options(const json& component, const std::string& where) {
  const std::string type = component.contains("type") ? component_type(component) : "BPE";
  if (type != "BPE") refuse_component(where, "model", type, {"BPE"});
  const json& dropout = member(component, "dropout");
  if (!dropout.is_null() && dropout != 0) refuse_option(where, "dropout", dropout, "null or 0");
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const json& value = member(component, affix);
    if (!value.is_null() && value != "") refuse_option(where, affix, value, "null or \"\"");
  }
}

}  // namespace

ByteLevelBpe ByteLevelBpe::from_json(const json& component, const std::string& where) {
  refuse_unknown_options(component, where);
  return ByteLevelBpe(component, where, read_vocabulary(component.at("vocab"), where));
}

ByteLevelBpe::ByteLevelBpe(const json& component, const std::string& where, const Ids& ids)
    : where_(where),
      unknown_(kNone),
      fuse_unknown_(flag(component, "fuse_unk", false)),
      merges_(read_merges(component.at("merges"), ids, where)) {
  read_tokens(ids, where);
  read_unknown(component, ids, where);
  if (!flag(component, "ignore_merges", false)) return;
  for (const auto& [token, id] : ids) {
    if (const auto bytes = bytes_spelled_by(token)) whole_words_.emplace(*bytes, id);
  }
}

void ByteLevelBpe::read_tokens(const Ids& ids, const std::string& where) {
  for (const auto& [token, id] : ids) {
    if (static_cast<std::size_t>(id) >= tokens_.size()) tokens_.resize(id + 1);
    if (tokens_[id]) {
      throw Error({"two tokens have one id", where + ".vocab", "an id for each token",
                   std::to_string(id) + " for \"" + token + "\" and another",
                   "get the tokenizer.json anew; this one is damaged"});
    }
    tokens_[id] = bytes_spelled_by(token).value_or(token);
  }
  for (int byte = 0; byte < 256; ++byte) {
    const auto found = ids.find(spelling_of_byte(static_cast<unsigned char>(byte)));
    id_of_byte_[byte] = found == ids.end() ? kNone : found->second;
  }
}

void ByteLevelBpe::read_unknown(const json& component, const Ids& ids, const std::string& where) {
  const json& token = member(component, "unk_token");
  if (token.is_null()) return;
  const auto found = ids.find(token.get<std::string>());
  if (found == ids.end()) refuse_option(where, "unk_token", token, "null or a token of vocab");
  unknown_ = found->second;
}

void ByteLevelBpe::encode(std::string_view word, Work& work, std::vector<std::int64_t>& ids) const {
  WordCache::Entry* entry = work.cache.find(word);
  if (entry != nullptr && entry->word == word) {
    ids.insert(ids.end(), entry->ids.begin(), entry->ids.end());
    return;
  }
  const auto whole =
      whole_words_.empty() ? whole_words_.end() : whole_words_.find(std::string(word));
  if (whole != whole_words_.end()) {
    work.symbols.assign(1, whole->second);
  } else {
    spell(word, work.symbols);
    merges_.apply(work.symbols, work.merging);
  }
  ids.insert(ids.end(), work.symbols.begin(), work.symbols.end());
  if (entry == nullptr) return;
  entry->word.assign(word);
  entry->ids.assign(work.symbols.begin(), work.symbols.end());
}

void ByteLevelBpe::spell(std::string_view word, std::vector<std::int32_t>& symbols) const {
  symbols.clear();
  bool after_unknown = false;
  for (const char c : word) {
    const int byte = static_cast<unsigned char>(c);
    const std::int32_t id = id_of_byte_[byte];
    if (id == kNone && unknown_ == kNone) {
      throw Error({"the text has a byte that the vocabulary cannot spell", where_,
                   "a token for each of the 256 bytes, or an unk_token",
                   "no token for byte " + std::to_string(byte), "use another tokenizer or text"});
    }
    const bool fused = id == kNone && after_unknown && fuse_unknown_;
    if (!fused) symbols.push_back(id == kNone ? unknown_ : id);
    after_unknown = id == kNone;
  }
}

}  // namespace pressroom
