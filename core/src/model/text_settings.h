// What a model's files say about text that is generated: its chat template, the texts of its first
// and last token, and the tokens that end an answer.
//
//   const TextSettings settings = read_text_settings(find_model("SmolLM2-135M-Instruct"));
//   settings.chat_template;   // "{% for message in messages %}..."; "" where it has none
//   settings.end_ids;         // {2}
//
// Of a Hugging Face directory: chat_template.jinja, else chat_template of tokenizer_config.json -
// that named "default" of several -; bos_token and eos_token there; eos_token_id, one number or
// several, of generation_config.json, else of config.json. Of a GGUF file: tokenizer.chat_template,
// and the tokens tokenizer.ggml.bos_token_id, eos_token_id and eot_token_id.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/model_files.h"

namespace pressroom {

// The texts of a tokenizer's special tokens; "" where it has none.
struct EdgeTokens {
  std::string begin;  // BOS
  std::string end;    // EOS
};

struct TextSettings {
  std::string chat_template;        // in Jinja
  std::string chat_template_place;  // the file it stands in, and the key
  EdgeTokens tokens;
  std::vector<std::int64_t> end_ids;
};

// Files that are not there say nothing. Throws Error for one that is torn, or whose keys hold
// something else than above.
TextSettings read_text_settings(const ModelFiles& files);

}  // namespace pressroom
