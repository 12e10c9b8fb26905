#include "generate/chat_template.h"

#include "base/strings.h"
#include "base/utf8.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

std::string or_usual(const std::string& text, const char* usual) {
  return text.empty() ? usual : text;
}

ChatTemplate chatml(const EdgeTokens&) {
  ChatTemplate chat;
  chat.system_before = "<|im_start|>system\n";
  chat.user_before = "<|im_start|>user\n";
  chat.system_after = chat.user_after = "<|im_end|>\n";
  chat.answer = "<|im_start|>assistant\n";
  chat.end_of_turn = "<|im_end|>";
  return chat;
}

// Of the first two generations, which were tuned without a system turn and refuse one.
ChatTemplate gemma(const EdgeTokens& tokens) {
  ChatTemplate chat;
  chat.begin = or_usual(tokens.begin, "<bos>");
  chat.opening = "<start_of_turn>user\n";
  chat.user_after = "<end_of_turn>\n";
  chat.answer = "<start_of_turn>model\n";
  chat.takes_system = false;
  chat.trim = ChatTemplate::Trim::kQuestion;
  chat.end_of_turn = "<end_of_turn>";
  return chat;
}

// The system text stands in the user's turn.
ChatTemplate gemma3(const EdgeTokens& tokens) {
  ChatTemplate chat = gemma(tokens);
  chat.system_after = "\n\n";
  chat.takes_system = true;
  return chat;
}

ChatTemplate llama2(const EdgeTokens& tokens) {
  ChatTemplate chat;
  chat.begin = or_usual(tokens.begin, "<s>");
  chat.opening = "[INST] ";
  chat.system_before = "<<SYS>>\n";
  chat.system_after = "\n<</SYS>>\n\n";
  chat.user_after = " [/INST]";
  chat.trim = ChatTemplate::Trim::kTogether;
  chat.end_of_turn = or_usual(tokens.end, "</s>");
  return chat;
}

ChatTemplate llama3(const EdgeTokens& tokens) {
  const auto header = [](const char* role) {
    return std::string("<|start_header_id|>") + role + "<|end_header_id|>\n\n";
  };
  ChatTemplate chat;
  chat.begin = or_usual(tokens.begin, "<|begin_of_text|>");
  chat.system_before = header("system");
  chat.user_before = header("user");
  chat.answer = header("assistant");
  chat.system_after = chat.user_after = chat.end_of_turn = "<|eot_id|>";
  chat.trim = ChatTemplate::Trim::kEach;
  return chat;
}

// Its template takes the date of the day from whoever runs it, and has this one where nobody says:
// a prompt that is the same every day.
ChatTemplate llama3_1(const EdgeTokens& tokens) {
  ChatTemplate chat = llama3(tokens);
  chat.system_before += "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n";
  chat.always_system = true;
  return chat;
}

ChatTemplate mistral(const EdgeTokens& tokens) {
  ChatTemplate chat;
  chat.begin = or_usual(tokens.begin, "<s>");
  chat.opening = "[INST] ";
  chat.system_after = "\n\n";
  chat.user_after = " [/INST]";
  chat.end_of_turn = or_usual(tokens.end, "</s>");
  return chat;
}

ChatTemplate mistral_v3(const EdgeTokens& tokens) {
  ChatTemplate chat = mistral(tokens);
  chat.user_after = "[/INST]";
  return chat;
}

ChatTemplate phi3(const EdgeTokens&) {
  ChatTemplate chat;
  chat.system_before = "<|system|>\n";
  chat.user_before = "<|user|>\n";
  chat.system_after = chat.user_after = "<|end|>\n";
  chat.answer = "<|assistant|>\n";
  chat.end_of_turn = "<|end|>";
  return chat;
}

ChatTemplate zephyr(const EdgeTokens& tokens) {
  ChatTemplate chat;
  chat.end_of_turn = or_usual(tokens.end, "</s>");
  chat.system_before = "<|system|>\n";
  chat.user_before = "<|user|>\n";
  chat.system_after = chat.user_after = chat.end_of_turn + "\n";
  chat.answer = "<|assistant|>\n";
  return chat;
}

struct ChatFamily {
  const char* name;
  ChatTemplate (*make)(const EdgeTokens& tokens);
};

constexpr ChatFamily kFamilies[] = {
    {"chatml", chatml}, {"gemma", gemma},       {"gemma3", gemma3},   {"llama2", llama2},
    {"llama3", llama3}, {"llama3.1", llama3_1}, {"mistral", mistral}, {"mistral-v3", mistral_v3},
    {"phi3", phi3},     {"zephyr", zephyr},
};

std::string trimmed(std::string text) {
  text.erase(text.size() - trailing_white_space(text));
  return text.substr(leading_white_space(text));
}

}  // namespace

std::string ChatTemplate::prompt(const std::string& user,
                                 const std::optional<std::string>& system) const {
  PRESSROOM_ASSERT(takes_system || system.value_or("").empty());
  const std::string system_text = system.value_or(default_system);
  std::string turns;
  if (always_system || !system_text.empty()) {
    turns = system_before + (trim == Trim::kEach ? trimmed(system_text) : system_text);
    turns += system_after;
  }
  turns += user_before;
  turns += trim == Trim::kEach || trim == Trim::kQuestion ? trimmed(user) : user;
  if (trim == Trim::kTogether) turns = trimmed(turns);
  return begin + opening + turns + user_after + answer;
}

const std::vector<std::string>& chat_template_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const ChatFamily& family : kFamilies) all.emplace_back(family.name);
    return all;
  }();
  return names;
}

ChatTemplate named_template(const std::string& name, const EdgeTokens& tokens) {
  for (const ChatFamily& family : kFamilies) {
    if (name != family.name) continue;
    ChatTemplate chat = family.make(tokens);
    chat.name = name;
    return chat;
  }
  const std::string near = closest_match(name, chat_template_names());
  throw Error({"there is no chat template of that name", "--template",
               joined(chat_template_names()), name,
               near.empty() ? "or say --raw, and write the prompt out in full"
                            : "did you mean \"" + near + "\"?"});
}

}  // namespace pressroom
