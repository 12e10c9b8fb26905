// The family of a chat template by what stands in its program.
#include <algorithm>
#include <regex>

#include "generate/chat_template.h"

namespace pressroom {
namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// Line ends and quotes of strings in Jinja in one spelling of each.
std::string one_spelling(std::string_view source) {
  std::string text;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source.substr(i, 2) == "\\n") {
      text += '\n';
      ++i;
    } else {
      text += source[i] == '"' ? '\'' : source[i];
    }
  }
  return text;
}

// Without spaces, and with strings that are added to each other in one.
std::string joined_strings(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ' '), text.end());
  constexpr std::string_view kJoint = "'+'";
  for (std::size_t at = text.find(kJoint); at != std::string::npos; at = text.find(kJoint, at)) {
    text.erase(at, kJoint.size());
  }
  return text;
}

bool begins_with(std::string_view text, std::string_view part) {
  return text.substr(0, part.size()) == part;
}

// What stands in `text` behind each occurrence of `part`.
std::vector<std::string_view> behind_each(std::string_view text, std::string_view part) {
  std::vector<std::string_view> all;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    all.push_back(text.substr(at + part.size()));
  }
  return all;
}

// Whether the assistant's turn is opened by its mark and a line end alone. Models that think begin
// it with more, as "<think>\n" in the same text or in the next one.
bool opens_plain_answer(const std::string& joined) {
  const std::vector<std::string_view> turns = behind_each(joined, "<|im_start|>assistant\n");
  for (const std::string_view rest : turns) {
    if (!begins_with(rest, "'")) return false;
    const std::size_t next = rest.find_first_not_of("-} \n", 1);
    if (next != std::string::npos && begins_with(rest.substr(next), "{{")) return false;
  }
  return !turns.empty();
}

// The default system text of a ChatML source whose system turn is a variable: "" where it only ever
// holds the message's own text, nothing where it cannot be told what it holds.
std::optional<std::string> default_of_variable(const std::string& source,
                                               const std::string& variable) {
  std::string text;
  bool is_set = false;
  const std::regex assignment("set\\s+" + variable + "\\s*=\\s*(message|'([^']*)')?");
  for (std::sregex_iterator found(source.begin(), source.end(), assignment), end; found != end;
       ++found) {
    if (!(*found)[1].matched) return std::nullopt;
    is_set = true;
    if ((*found)[2].matched) text = (*found)[2];
  }
  if (!is_set) return std::nullopt;
  return text;
}

// The system text that a ChatML source in one spelling has where the user gives none; nothing where
// it makes one up, as of a date.
std::optional<std::string> chatml_system(const std::string& source) {
  const std::string joined = joined_strings(source);
  constexpr std::string_view kTurn = "<|im_start|>system\n";
  std::string text;
  for (std::size_t at = joined.find(kTurn); at != std::string::npos;
       at = joined.find(kTurn, at + 1)) {
    const std::string_view rest = std::string_view(joined).substr(at + kTurn.size());
    if (!begins_with(rest, "'")) continue;  // a literal
    if (begins_with(rest, "'+message")) continue;
    std::smatch variable;
    const std::string behind(rest.substr(0, 80));
    if (std::regex_search(behind, variable, std::regex("^'\\+([A-Za-z_]+)\\+"))) {
      const std::optional<std::string> its = default_of_variable(source, variable[1]);
      if (!its) return std::nullopt;
      text = *its;
      continue;
    }
    // A turn that goes on in other pieces: the one that lists tools, which are not given here.
    const std::size_t before = joined.find_last_not_of("'{- \n", at - 1);
    const std::string_view head = std::string_view(joined).substr(0, before + 1);
    constexpr std::string_view kTools = "iftools%}";
    const bool is_of_tools =
        head.size() >= kTools.size() && head.substr(head.size() - kTools.size()) == kTools;
    if (!is_of_tools) return std::nullopt;
  }
  return text;
}

// The system text that `source`, in one spelling, has as it stands: what is no literal is of no
// use.
std::string literal_system(const std::string& source, const ChatTemplate& chat) {
  const std::string& before = chat.system_before;
  for (std::size_t at = source.find(before); at != std::string::npos;
       at = source.find(before, at + 1)) {
    const std::size_t begin = at + before.size();
    const std::size_t end = source.find(chat.end_of_turn, begin);
    if (end == std::string::npos) break;
    const std::string text = source.substr(begin, end - begin);
    if (!text.empty() && text.find_first_of("'{}") == std::string::npos) return text;
  }
  return "";
}

// The first of the quoted `spellings` that stands in `source`; `text` itself where none does.
std::string spelled(const std::string& source, const std::string& text,
                    const std::vector<std::string>& spellings) {
  for (const std::string& spelling : spellings) {
    if (has(source, "'" + spelling + "'")) return spelling;
  }
  return text;
}

// Of a source with Gemma's marks. Two generations are known: one refuses a system text, the other
// puts it in front of the first question.
std::string gemma_of(const std::string& source) {
  if (!has(joined_strings(source), "['content']|trim")) return "";
  if (has(source, "first_user_prefix")) return "gemma3";
  const bool refuses = has(source, "System role not supported");
  return refuses || !has(source, "system") ? "gemma" : "";
}

// Turns that end in "<|end|>" and a line end, their roles spelled out or taken from the message.
bool is_phi3(const std::string& source) {
  const std::string text = joined_strings(source);
  return has(text, "'<|user|>\n'+message['content']+'<|end|>\n") ||
         has(text, "'<|'+message['role']+'|>\n'+message['content']+'<|end|>\n");
}

// "" for none. Markers of other families that look alike are looked for, too.
std::string family_of(const std::string& source) {
  if (has(source, "<|im_start|>") && has(source, "<|im_end|>") && !has(source, "<|im_sep|>")) {
    return opens_plain_answer(joined_strings(source)) && chatml_system(source) ? "chatml" : "";
  }
  if (has(source, "<|start_header_id|>") && has(source, "<|eot_id|>")) {
    return has(source, "Cutting Knowledge Date") ? "llama3.1" : "llama3";
  }
  if (has(source, "[INST]") && !has(source, "[SYSTEM_PROMPT]")) {
    return has(source, "<<SYS>>") ? "llama2" : "mistral";
  }
  if (has(source, "<start_of_turn>") && has(source, "<end_of_turn>")) return gemma_of(source);
  if (is_phi3(source)) return "phi3";
  // Others end a question with a line end, or with a token of another name.
  if (has(joined_strings(source), "'<|user|>\n'+message['content']+eos_token")) return "zephyr";
  return "";
}

}  // namespace

std::optional<ChatTemplate> recognised_template(std::string_view source, const EdgeTokens& tokens) {
  const std::string spelling = one_spelling(source);
  const std::string family = family_of(spelling);
  if (family.empty()) return std::nullopt;
  ChatTemplate chat = named_template(family, tokens);
  // A template says itself whether BOS stands in front.
  const bool begins =
      has(spelling, "bos_token") || (!chat.begin.empty() && has(spelling, "'" + chat.begin));
  if (!begins) {
    chat.begin.clear();
  } else if (chat.begin.empty()) {
    chat.begin = tokens.begin;
  }
  if (family == "chatml") {
    chat.default_system = literal_system(spelling, chat);
    if (chat.default_system.empty()) chat.default_system = *chatml_system(spelling);
  }
  if (family == "gemma3" && !has(joined_strings(spelling), "['content']+'\n\n'")) {
    chat.system_after = "\n";  // as the first of them had it
  }
  if (family == "phi3" && !has(spelling, "'system'") &&
      !has(joined_strings(spelling), "message['role']+'|>")) {
    chat.takes_system = false;  // the first of them pass over it
  }
  if (family == "mistral") {
    chat.takes_system = has(spelling, "system");  // the first of them refuse one
    chat.opening = spelled(spelling, chat.opening, {" [INST] ", "[INST] ", "[INST]"});
    chat.user_after = spelled(spelling, chat.user_after, {" [/INST]", "[/INST]"});
  }
  return chat;
}

}  // namespace pressroom
