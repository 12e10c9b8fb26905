#include "tokenizer/byte_level_tokenizer.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/component.h"

namespace pressroom {
namespace {

using nlohmann::json;

void check_normalizer(const json& component, const std::string& where) {
  const std::string type = component_type(component);
  if (type == "null") return;
  if (type != "Sequence") {
    const char* fix = "use a model without one; if the text is normalized already, set it to null";
    refuse_component(where, "normalizer", type, {"null", "an empty Sequence"}, fix);
  }
  std::size_t i = 0;
  for (const json& part : component.at("normalizers")) {
    check_normalizer(part, where + ".normalizers[" + std::to_string(i++) + "]");
  }
}

void check_decoder(const json& component, const std::string& where) {
  const std::string type = component_type(component);
  if (type != "ByteLevel") refuse_component(where, "decoder", type, {"ByteLevel"});
}

void check_limits(const json& file, const std::string& name) {
  for (const char* key : {"truncation", "padding"}) {
    const json& value = member(file, key);
    if (!value.is_null()) refuse_option(name, key, value, "null");
  }
}

}  // namespace

ByteLevelTokenizer::ByteLevelTokenizer(const json& file, const std::string& name)
    : name_(name),
      added_tokens_(AddedTokens::from_json(member(file, "added_tokens"), name + ": added_tokens")),
      pre_tokenizer_(
          PreTokenizer::from_json(member(file, "pre_tokenizer"), name + ": pre_tokenizer")),
      model_(ByteLevelBpe::from_json(file.at("model"), name + ": model")),
      template_(special_template(member(file, "post_processor"), name + ": post_processor")),
      tokens_(model_.tokens()) {
  check_limits(file, name);
  check_normalizer(member(file, "normalizer"), name + ": normalizer");
  check_decoder(member(file, "decoder"), name + ": decoder");
  include_added_tokens(name + ": added_tokens");
  check_ids(template_.before, name + ": post_processor");
  check_ids(template_.after, name + ": post_processor");
}

void ByteLevelTokenizer::include_added_tokens(const std::string& where) {
  for (const AddedToken& added : added_tokens_.tokens()) {
    const auto id = static_cast<std::size_t>(added.id);
    if (id >= tokens_.size()) tokens_.resize(id + 1);
    // In the vocabulary the content may be spelled in the byte alphabet.
    const bool same = !tokens_[id] || *tokens_[id] == added.content ||
                      tokens_[id] == bytes_spelled_by(added.content);
    if (!same) {
      throw Error({"an added token has the id of another token", where,
                   "\"" + added.content + "\" under an id of its own",
                   std::to_string(id) + ", which is \"" + *tokens_[id] + "\"",
                   "get the tokenizer.json anew; this one is damaged"});
    }
    tokens_[id] = added.content;
  }
}

void ByteLevelTokenizer::check_ids(const std::vector<std::int64_t>& ids,
                                   const std::string& where) const {
  for (const std::int64_t id : ids) {
    if (id < vocabulary_size() && tokens_[id]) continue;
    throw Error({"the template uses an id that is not in the vocabulary", where,
                 "an id below " + std::to_string(vocabulary_size()), std::to_string(id),
                 "get the tokenizer.json anew; this one is damaged"});
  }
}

std::vector<std::int64_t> ByteLevelTokenizer::encode(std::string_view text, Special special) const {
  const bool add = special == Special::kAdd;
  std::vector<std::int64_t> ids;
  if (add) ids = template_.before;
  PreTokenizer::Work splitting;
  ByteLevelBpe::Work work(text.size());
  for (const AddedTokens::Piece& piece : added_tokens_.split(text)) {
    if (piece.id != AddedTokens::kText) {
      ids.push_back(piece.id);
      continue;
    }
    pre_tokenizer_.split(piece.text, splitting);
    for (const std::string_view word : splitting.words) model_.encode(word, work, ids);
  }
  if (add) ids.insert(ids.end(), template_.after.begin(), template_.after.end());
  return ids;
}

std::string ByteLevelTokenizer::decode(const std::vector<std::int64_t>& ids) const {
  std::string text;
  for (const std::int64_t id : ids) text += bytes_of(id);
  return text;
}

std::string ByteLevelTokenizer::token_bytes(std::int64_t id) const { return bytes_of(id); }

const std::string& ByteLevelTokenizer::bytes_of(std::int64_t id) const {
  if (id >= 0 && id < vocabulary_size() && tokens_[id]) return *tokens_[id];
  throw Error({"an id stands for no token", name_,
               "an id of the vocabulary, from 0 to " + std::to_string(vocabulary_size() - 1),
               std::to_string(id), "check that the ids come from this tokenizer"});
}

std::int64_t ByteLevelTokenizer::vocabulary_size() const {
  return static_cast<std::int64_t>(tokens_.size());
}

}  // namespace pressroom
