#include "tokenizer/gguf/gguf_tokenizer.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/bpe/bpe_tokenizer.h"
#include "tokenizer/gguf/gguf_split.h"
#include "tokenizer/gguf/gguf_vocabulary.h"

namespace pressroom {
namespace {

using nlohmann::json;

constexpr char kPre[] = "tokenizer.ggml.pre";

bool flag_of(const GgufFile& file, const std::string& key, bool otherwise) {
  return file.has(key) ? file.flag(key) : otherwise;
}

SpecialTemplate template_of(const GgufFile& file, bool bos_by_default) {
  SpecialTemplate result;
  if (flag_of(file, "tokenizer.ggml.add_bos_token", bos_by_default)) {
    result.before.push_back(file.integer("tokenizer.ggml.bos_token_id"));
  }
  if (flag_of(file, "tokenizer.ggml.add_eos_token", false)) {
    result.after.push_back(file.integer("tokenizer.ggml.eos_token_id"));
  }
  return result;
}

BpeTokenizer::Parts parts_of(const GgufFile& file, const GgufTokens& tokens,
                             const BpeDefinition& vocabulary, const json& normalizer,
                             const json& pre_tokenizer, const json& decoder) {
  const std::string name = file.path().string();
  Normalizer normalizing = Normalizer::from_json(normalizer, name);
  PreTokenizer splitting = PreTokenizer::from_json(pre_tokenizer, name);
  std::unique_ptr<BpeModel> model = make_model(vocabulary, splitting);
  AddedTokens added(tokens.added(), normalizing);
  return {name,
          std::move(normalizing),
          std::move(added),
          std::move(splitting),
          {},
          Decoder::from_json(decoder, name),
          std::move(model),
          {tokens.texts.begin(), tokens.texts.end()}};
}

// Old converters left the name out. Any pattern is as likely then as another, and each gives ids of
// its own: a text would get a number that is of no model.
[[noreturn]] void refuse_without_pattern(const GgufFile& file) {
  throw Error(
      {"the file does not say how a text is split into words", file.path().string(),
       std::string(kPre) + " in the metadata of a byte-level vocabulary", "none",
       "get a GGUF file that was converted anew; or make ids with the model's tokenizer.json "
       "(pressroom tokenize) and score those (pressroom score --ids)"});
}

BpeTokenizer::Parts byte_level_parts(const GgufFile& file, const GgufTokens& tokens) {
  if (!file.has(kPre)) refuse_without_pattern(file);
  const std::string& pre = file.text(kPre);
  const json splitting = gguf_pre_tokenizer(pre, file.path().string());
  BpeDefinition vocabulary = gguf_byte_level_vocabulary(file, tokens);
  vocabulary.ignore_merges = is_llama3_split(pre);
  BpeTokenizer::Parts parts =
      parts_of(file, tokens, vocabulary, gguf_normalizer(pre), splitting, {{"type", "ByteLevel"}});
  parts.special = template_of(file, is_llama3_split(pre));
  return parts;
}

BpeTokenizer::Parts sentencepiece_parts(const GgufFile& file, const GgufTokens& tokens) {
  const json mark = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}};
  const json unmark = {{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}};
  json normalizers = json::array();
  json decoders = {unmark, {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
  if (flag_of(file, "tokenizer.ggml.add_space_prefix", true)) {
    normalizers.push_back({{"type", "Prepend"}, {"prepend", "\u2581"}});
    decoders.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1U}, {"stop", 0U}});
  }
  normalizers.push_back(mark);
  BpeTokenizer::Parts parts = parts_of(file, tokens, gguf_scored_vocabulary(file, tokens),
                                       {{"type", "Sequence"}, {"normalizers", normalizers}},
                                       nullptr, {{"type", "Sequence"}, {"decoders", decoders}});
  parts.special = template_of(file, true);
  return parts;
}

}  // namespace

std::unique_ptr<Tokenizer> gguf_tokenizer(const GgufFile& file) {
  const std::string& kind = file.text("tokenizer.ggml.model");
  if (kind != "gpt2" && kind != "llama") {
    throw Error({"unknown tokenizer.ggml.model \"" + kind + "\"", file.path().string(),
                 "gpt2, llama", kind, "use the model's tokenizer.json instead"});
  }
  const GgufTokens tokens(file);
  return std::make_unique<BpeTokenizer>(kind == "gpt2" ? byte_level_parts(file, tokens)
                                                       : sentencepiece_parts(file, tokens));
}

}  // namespace pressroom
