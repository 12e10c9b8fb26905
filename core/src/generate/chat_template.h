// How a question is put to a model that was tuned to answer: chat templates, by family.
//
// Models bring their template as a program in Jinja. The families below are known by what stands in
// that program, and a prompt of one system text and one question is made as it would make it. A
// template of no known family is for the caller to refuse: a prompt that is nearly right gives
// answers that are nearly right.
//
//   const auto chat = recognised_template(source, {"<s>", "</s>"});   // named_template: by name
//   if (!chat) refuse(source);
//   chat->prompt("What is a cache?", {});
//   // "<|im_start|>user\nWhat is a cache?<|im_end|>\n<|im_start|>assistant\n"
//
//   chatml       Qwen 2 and 3, SmolLM: where no system text is given, that of the template
//   gemma        Gemma 1 and 2 instruct, which take no system text
//   gemma3       Gemma 3 instruct: the system text stands in front of the question
//   llama2       Llama 2 chat
//   llama3       Llama 3
//   llama3.1     Llama 3.1 and later: a system turn with two dates, "26 Jul 2024" for today
//   mistral      Mistral 7B instruct; recognised templates keep the spaces around [INST] they have
//   mistral-v3   the same without a space before [/INST]
//   phi3         Phi 3 and 3.5 instruct; the first templates of Phi 3 take no system text
//   zephyr       Zephyr, TinyLlama chat
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/text_settings.h"

namespace pressroom {

// begin, opening, then the system turn where there is one, the user's, and `answer`.
struct ChatTemplate {
  // Of the white space around texts.
  enum class Trim {
    kNone,
    kEach,
    kQuestion,
    kTogether,  // the system turn and the question, as one text
  };

  std::string name;
  std::string begin;
  std::string opening;
  std::string system_before, system_after;
  std::string user_before, user_after;
  std::string answer;
  std::string default_system;  // where none is given
  bool always_system = false;  // the turn is there without a text, too
  bool takes_system = true;
  Trim trim = Trim::kNone;
  std::string end_of_turn;  // what the model ends its answer with

  // The text of a prompt; special tokens are spelled out. `system`: nothing for the template's own
  // default, "" for none, which it has to be where the template takes none.
  std::string prompt(const std::string& user, const std::optional<std::string>& system) const;
};

// Sorted.
const std::vector<std::string>& chat_template_names();

// Throws Error, with the list of names, for one that is not known. Where `tokens` has no text, the
// family's usual one is taken.
ChatTemplate named_template(const std::string& name, const EdgeTokens& tokens);

// The family of the Jinja template `source`; nothing where it is none of them.
std::optional<ChatTemplate> recognised_template(std::string_view source, const EdgeTokens& tokens);

}  // namespace pressroom
