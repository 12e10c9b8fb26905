#include "tokenizer/bpe/bpe_tokenizer.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/bpe/byte_level_bpe.h"
#include "tokenizer/bpe/character_bpe.h"
#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

using nlohmann::json;

SpecialTemplate read_template(const json& component, const std::string& where) {
  SpecialTemplate result;
  bool text_seen = false;
  const json& parts = required_list(component, "single", where);
  for (const json& part : parts) {
    if (part.contains("Sequence")) {
      const bool text = member(part["Sequence"], "id") == "A";
      if (!text || text_seen) refuse_option(where, "single", parts, "\"A\" once");
      text_seen = true;
      continue;
    }
    const json& token = required(part, "SpecialToken", where + ".single");
    const std::string& name = required_text(token, "id", where + ".single");
    const json& tokens = required_object(component, "special_tokens", where);
    const json& known = required(tokens, name, where + ".special_tokens");
    for (const json& id : required_list(known, "ids", where + ".special_tokens")) {
      (text_seen ? result.after : result.before).push_back(token_id(id, where));
    }
  }
  if (!text_seen) refuse_option(where, "single", parts, "\"A\" once");
  return result;
}

// Reads the component "post_processor": null, ByteLevel (which concerns offsets only),
// TemplateProcessing (its "single", with the text in it once), or a Sequence of these, the first
// innermost. Throws Error, with `where` for its place, for anything else.
SpecialTemplate special_template(const json& component, const std::string& where) {
  const std::string type = component_type(component, where);
  if (type == "null" || type == "ByteLevel") return {};
  if (type == "TemplateProcessing") return read_template(component, where);
  if (type != "Sequence") {
    refuse_component(where, "post_processor", type,
                     {"null", "ByteLevel", "Sequence", "TemplateProcessing"});
  }
  SpecialTemplate result;
  std::size_t i = 0;
  for (const json& part : required_list(component, "processors", where)) {
    const SpecialTemplate outer =
        special_template(part, where + ".processors[" + std::to_string(i++) + "]");
    result.before.insert(result.before.begin(), outer.before.begin(), outer.before.end());
    result.after.insert(result.after.end(), outer.after.begin(), outer.after.end());
  }
  return result;
}

constexpr char kGetAnotherTokenizer[] = "get the tokenizer anew; this one is damaged";

void check_limits(const json& file, const std::string& name) {
  for (const char* key : {"truncation", "padding"}) {
    const json& value = member(file, key);
    if (!value.is_null()) refuse_option(name, key, value, "null");
  }
}

}  // namespace

struct BpeTokenizer::Work {
  explicit Work(std::size_t text_bytes) : modelling(text_bytes) {}

  Normalizer::Work normalizing;
  std::vector<AddedTokens::Piece> pieces;
  PreTokenizer::Work splitting;
  BpeModel::Work modelling;
};

std::unique_ptr<BpeModel> make_model(const BpeDefinition& vocabulary, const PreTokenizer& before) {
  if (before.byte_level()) return std::make_unique<ByteLevelBpe>(vocabulary);
  return std::make_unique<CharacterBpe>(vocabulary);
}

BpeTokenizer::Parts BpeTokenizer::parts_of(const json& file, const std::string& name) {
  check_limits(file, name);
  Normalizer normalizer = Normalizer::from_json(member(file, "normalizer"), name + ": normalizer");
  PreTokenizer splitting =
      PreTokenizer::from_json(member(file, "pre_tokenizer"), name + ": pre_tokenizer");
  const BpeDefinition vocabulary =
      BpeDefinition::from_json(required(file, "model", name), name + ": model");
  std::unique_ptr<BpeModel> model = make_model(vocabulary, splitting);
  AddedTokens added = AddedTokens::from_json(member(file, "added_tokens"), vocabulary.ids,
                                             normalizer, name + ": added_tokens");
  return {name,
          std::move(normalizer),
          std::move(added),
          std::move(splitting),
          special_template(member(file, "post_processor"), name + ": post_processor"),
          TokenDecoder::from_json(member(file, "decoder"), name + ": decoder"),
          std::move(model),
          vocabulary.tokens()};
}

BpeTokenizer::BpeTokenizer(Parts parts)
    : parts_(std::move(parts)),
      base_vocabulary_size_(static_cast<std::int64_t>(parts_.tokens.size())) {
  check_kind();
  for (const auto& token : parts_.tokens) {
    bytes_.push_back(token ? parts_.decoder.bytes_of(*token) : "");
  }
  include_added_tokens();
  check_ids(parts_.special.before);
  check_ids(parts_.special.after);
}

void BpeTokenizer::check_kind() const {
  const auto name = [](bool byte_level) { return byte_level ? "ByteLevel" : "not ByteLevel"; };
  const bool words = parts_.pre_tokenizer.byte_level();
  // ByteLevel spells bytes as other characters: done or undone on one side alone, decoding does not
  // give back the text.
  if (words == parts_.decoder.byte_level()) return;
  throw Error({"the decoder does not undo what the pre_tokenizer does", parts_.name,
               std::string("a decoder that is ") + name(words), name(!words),
               "use a model whose tokenizer.json has ByteLevel in both or in neither"});
}

void BpeTokenizer::include_added_tokens() {
  for (const AddedToken& added : parts_.added_tokens.tokens()) {
    const auto id = static_cast<std::size_t>(added.id);
    if (id >= bytes_.size()) {
      parts_.tokens.resize(id + 1);
      bytes_.resize(id + 1);
    }
    std::optional<std::string>& token = parts_.tokens[id];
    if (token && *token != added.content) {
      throw Error({"an added token gets the id of another token", parts_.name + ": added_tokens",
                   "ids without holes in the vocabulary: added tokens are counted on from its size",
                   std::to_string(id) + " for " + json_quoted(added.content) + ", which is " +
                       json_quoted(*token),
                   "put the added token into the vocabulary of the model, under the id that it is "
                   "to have"});
    }
    if (added.own_bytes) bytes_[id] = added.content;
    token = added.content;
  }
}

void BpeTokenizer::check_ids(const std::vector<std::int64_t>& ids) const {
  for (const std::int64_t id : ids) {
    if (has(id)) continue;
    throw Error({"the template uses an id that is not in the vocabulary",
                 parts_.name + ": post_processor",
                 "an id below " + std::to_string(vocabulary_size()), std::to_string(id),
                 kGetAnotherTokenizer});
  }
}

std::vector<std::int64_t> BpeTokenizer::encode(std::string_view text, Special special) const {
  const bool add = special == Special::kAdd;
  std::vector<std::int64_t> ids;
  if (add) ids = parts_.special.before;
  Work work(text.size());
  std::vector<AddedTokens::Piece> pieces;
  parts_.added_tokens.split_raw(text, pieces);
  for (const AddedTokens::Piece& piece : pieces) {
    if (piece.id == AddedTokens::kText) {
      // By address: only a piece with nothing cut off before it begins the text.
      encode_piece(piece.text, piece.text.data() == text.data(), work, ids);
    } else {
      ids.push_back(piece.id);
    }
  }
  const std::vector<std::int64_t>& after = parts_.special.after;
  if (add) ids.insert(ids.end(), after.begin(), after.end());
  return ids;
}

void BpeTokenizer::encode_piece(std::string_view piece, bool begins, Work& work,
                                std::vector<std::int64_t>& ids) const {
  const std::string_view text = parts_.normalizer.apply(piece, work.normalizing);
  parts_.added_tokens.split_normalized(text, work.pieces);
  for (const AddedTokens::Piece& part : work.pieces) {
    if (part.id != AddedTokens::kText) {
      ids.push_back(part.id);
      continue;
    }
    parts_.pre_tokenizer.split(part.text, begins && part.text.data() == text.data(),
                               work.splitting);
    for (const std::string_view word : work.splitting.words) {
      parts_.model->encode(word, work.modelling, ids);
    }
  }
}

std::string BpeTokenizer::decode(const std::vector<std::int64_t>& ids) const {
  for (const std::int64_t id : ids) require(id);
  std::string text;
  if (parts_.decoder.byte_level()) {
    for (const std::int64_t id : ids) text += bytes_[id];
    return text;
  }
  // Other decoders look beside a token - runs of bytes, the ends of the text - and get all at once.
  std::vector<std::string> tokens;
  for (const std::int64_t id : ids) tokens.push_back(*parts_.tokens[id]);
  return parts_.decoder.decode(std::move(tokens));
}

std::string BpeTokenizer::token_bytes(std::int64_t id) const {
  require(id);
  return bytes_[id];
}

bool BpeTokenizer::has(std::int64_t id) const {
  return id >= 0 && id < vocabulary_size() && parts_.tokens[id];
}

void BpeTokenizer::require(std::int64_t id) const {
  if (has(id)) return;
  throw Error({"an id stands for no token", parts_.name,
               "an id of the vocabulary, from 0 to " + std::to_string(vocabulary_size() - 1),
               std::to_string(id), "check that the ids come from this tokenizer"});
}

std::int64_t BpeTokenizer::vocabulary_size() const {
  return static_cast<std::int64_t>(bytes_.size());
}

}  // namespace pressroom
