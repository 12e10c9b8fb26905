// The split patterns, and what else of a tokenizer, that GGUF files name instead of containing
// them.
//
//   gguf_pre_tokenizer("llama-bpe", "model.gguf")   // a Split by Llama 3's pattern, then ByteLevel
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

// The pre_tokenizer, as a tokenizer.json has it, for a tokenizer.ggml.pre of `name`. Throws Error,
// with `where` for its place, for a name that is not known.
nlohmann::json gguf_pre_tokenizer(const std::string& name, const std::string& where);

// The normalizer, likewise: GGUF files carry none, and the model of `name` may have been trained
// with one. NFC for Qwen's vocabulary, which "qwen2" names, null for the others.
nlohmann::json gguf_normalizer(const std::string& name);

// Whether `name` is Llama 3's pattern, which comes with ignore_merges and BOS.
bool is_llama3_split(const std::string& name);

}  // namespace pressroom
