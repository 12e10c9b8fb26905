// From what a person asks to the tokens that a model is fed.
//
//   PromptText text;
//   text.text = "What is a cache?";
//   const Prompt prompt = make_prompt(text, find_model("SmolLM2-135M-Instruct"), *tokenizer);
//   prompt.chat_template;   // "chatml"
//   prompt.ids;             // those of "<|im_start|>user\nWhat is a cache?<|im_end|>\n..."
//   prompt.end_ids;         // {2}: <|im_end|>
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/model_files.h"

namespace pressroom {

class Tokenizer;

struct PromptText {
  std::string text;
  bool raw = false;                   // feed it as it is, without a chat template
  std::string chat_template;          // the name of a family; "": the model's own
  std::optional<std::string> system;  // as ChatTemplate::prompt takes it
};

struct Prompt {
  std::vector<std::int64_t> ids;
  std::string chat_template;  // the family of the one put around the text; "": none
  // What ends an answer: the tokens that the model's files name (model/text_settings.h), and
  // what ends a turn of the template - as a token, or where it is none, as a text.
  std::vector<std::int64_t> end_ids;
  std::string end_text;
};

// Where the model has no template, or the text is raw, the tokenizer's special tokens are put
// around it (BOS and the like, Special::kAdd); a template spells its own out. Throws Error for an
// empty text, for a template that is of no known family or not known by its name, and for a system
// text that no template takes.
Prompt make_prompt(const PromptText& text, const ModelFiles& files, const Tokenizer& tokenizer);

}  // namespace pressroom
