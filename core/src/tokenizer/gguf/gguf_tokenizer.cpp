#include "tokenizer/gguf/gguf_tokenizer.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/bpe/bpe_tokenizer.h"
#include "tokenizer/components/split_pattern.h"
#include "tokenizer/gguf/gguf_vocabulary.h"

namespace pressroom {
namespace {

using nlohmann::json;

enum class Kind { kDefault, kGpt2, kDigits, kLlama3, kQwen2 };

struct Name {
  const char* name;
  Kind kind;
};

constexpr Name kNames[] = {{"default", Kind::kDefault},  {"gpt-2", Kind::kGpt2},
                           {"mpt", Kind::kGpt2},         {"olmo", Kind::kGpt2},
                           {"phi-2", Kind::kGpt2},       {"codeshell", Kind::kDigits},
                           {"command-r", Kind::kDigits}, {"refact", Kind::kDigits},
                           {"smollm", Kind::kDigits},    {"starcoder", Kind::kDigits},
                           {"llama-bpe", Kind::kLlama3}, {"llama-v3", Kind::kLlama3},
                           {"llama3", Kind::kLlama3},    {"deepseek-r1-qwen", Kind::kQwen2},
                           {"qwen2", Kind::kQwen2},      {"stablelm2", Kind::kQwen2}};

constexpr char kBeforeNumbers[] = R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)";
constexpr char kAfterNumbers[] = R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

const Name* find(const std::string& name) {
  const auto* found = std::find_if(std::begin(kNames), std::end(kNames),
                                   [&](const Name& entry) { return name == entry.name; });
  return found == std::end(kNames) ? nullptr : found;
}

json splits(std::initializer_list<std::string> patterns) {
  json parts = json::array();
  for (const std::string& pattern : patterns) {
    parts.push_back(
        {{"type", "Split"}, {"pattern", {{"Regex", pattern}}}, {"behavior", "Isolated"}});
  }
  parts.push_back({{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}});
  return {{"type", "Sequence"}, {"pretokenizers", parts}};
}

std::string llama3_like(const char* numbers) {
  return std::string(kBeforeNumbers) + numbers + kAfterNumbers;
}

// The split pattern that the file names instead of containing it: the pre_tokenizer, as a
// tokenizer.json has it, for a tokenizer.ggml.pre of `name`. Throws Error, with `where` for its
// place, for a name that is not known.
json pre_tokenizer_of(const std::string& name, const std::string& where) {
  const Name* found = find(name);
  if (found == nullptr) {
    std::string known;
    for (const Name& entry : kNames) known += (known.empty() ? "" : ", ") + std::string(entry.name);
    throw Error({"unknown tokenizer.ggml.pre \"" + name + "\"", where, known, name,
                 "use the model's tokenizer.json instead"});
  }
  switch (found->kind) {
    case Kind::kDefault:
      return splits({R"([\p{P}\$\+<=>\^~\|]+)", kGpt2Split, R"(\p{N}+)", "[0-9][0-9][0-9]"});
    case Kind::kDigits:
      return splits({R"(\p{N})", kGpt2Split});
    case Kind::kLlama3:
      return splits({llama3_like(R"(\p{N}{1,3})")});
    case Kind::kQwen2:
      return splits({llama3_like(R"(\p{N})")});
    default:
      return splits({kGpt2Split});
  }
}

// The normalizer, likewise: GGUF files carry none, and the model of `name` may have been trained
// with one. NFC for Qwen's vocabulary, which "qwen2" names, null for the others.
json normalizer_of(const std::string& name) {
  if (name == "qwen2") return {{"type", "NFC"}};
  return nullptr;
}

// Whether `name` is Llama 3's pattern, which comes with ignore_merges and BOS.
bool is_llama3_split(const std::string& name) {
  const Name* found = find(name);
  return found != nullptr && found->kind == Kind::kLlama3;
}

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
          TokenDecoder::from_json(decoder, name),
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
  const json splitting = pre_tokenizer_of(pre, file.path().string());
  BpeDefinition vocabulary = gguf_byte_level_vocabulary(file, tokens);
  vocabulary.ignore_merges = is_llama3_split(pre);
  BpeTokenizer::Parts parts =
      parts_of(file, tokens, vocabulary, normalizer_of(pre), splitting, {{"type", "ByteLevel"}});
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
    // Takes back the one space that Prepend adds, and no space of the text's.
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
