#include "generate/prompt.h"

#include "base/file_kinds.h"
#include "base/strings.h"
#include "generate/chat_template.h"
#include "model/text_settings.h"
#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {
namespace {

std::optional<ChatTemplate> template_for(const PromptText& text, const TextSettings& settings) {
  if (!text.chat_template.empty()) return named_template(text.chat_template, settings.tokens);
  if (text.raw || settings.chat_template.empty()) return std::nullopt;
  std::optional<ChatTemplate> chat = recognised_template(settings.chat_template, settings.tokens);
  if (chat) return chat;
  throw Error({"the model's chat template is none that is known", settings.chat_template_place,
               "one of " + joined(chat_template_names()), quoted_start(settings.chat_template),
               "say --raw and write the prompt out in full, or --template NAME if it is one of "
               "these after all"});
}

void check(const PromptText& text) {
  if (text.text.empty()) {
    throw Error({"the prompt is empty", "", "a text of one character or more", "nothing",
                 "give --prompt TEXT, --prompt-file F, or - for standard input"});
  }
  if (text.raw && !text.chat_template.empty()) {
    throw Error({"a raw prompt has no template", "", "--raw or --template, not both", "both", ""});
  }
}

}  // namespace

Prompt make_prompt(const PromptText& text, const ModelFiles& files, const Tokenizer& tokenizer) {
  check(text);
  const TextSettings settings = read_text_settings(files);
  Prompt prompt;
  prompt.end_ids = settings.end_ids;
  const std::optional<ChatTemplate> chat = template_for(text, settings);
  if (!chat) {
    if (text.system) {
      throw Error({"a system text needs a chat template", "--system",
                   "a model with a template, or --template NAME",
                   text.raw ? "--raw" : "a model without one",
                   "name one of " + joined(chat_template_names())});
    }
    prompt.ids = tokenizer.encode(text.text, Special::kAdd);
    return prompt;
  }
  if (!chat->takes_system && !text.system.value_or("").empty()) {
    throw Error({"the chat template takes no system text", "--system",
                 "a question alone, as the model was tuned to answer", chat->name,
                 "write it in front of the question"});
  }
  prompt.chat_template = chat->name;
  prompt.ids = tokenizer.encode(chat->prompt(text.text, text.system), Special::kNone);
  const std::vector<std::int64_t> end = tokenizer.encode(chat->end_of_turn, Special::kNone);
  if (end.size() == 1) {
    prompt.end_ids.push_back(end.front());
  } else {
    prompt.end_text = chat->end_of_turn;
  }
  return prompt;
}

}  // namespace pressroom
