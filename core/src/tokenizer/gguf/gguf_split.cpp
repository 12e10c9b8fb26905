#include "tokenizer/gguf/gguf_split.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <nlohmann/json.hpp>

#include "pressroom/error.h"
#include "tokenizer/components/split_pattern.h"

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

}  // namespace

json gguf_pre_tokenizer(const std::string& name, const std::string& where) {
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

json gguf_normalizer(const std::string& name) {
  if (name == "qwen2") return {{"type", "NFC"}};
  return nullptr;
}

bool is_llama3_split(const std::string& name) {
  const Name* found = find(name);
  return found != nullptr && found->kind == Kind::kLlama3;
}

}  // namespace pressroom
