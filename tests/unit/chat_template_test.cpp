#include "generate/chat_template.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pressroom/error.h"
#include "test_folders.h"

namespace pressroom::chat_template_test {
namespace {

// What each family's published template makes of the question "Hi?" and of the system text "Be
// brief.", written out by hand.
struct FamilyCase {
  const char* name;
  const char* alone;
  const char* with_system;  // nullptr: it takes none
  const char* end_of_turn;
};

const FamilyCase kFamilyCases[] = {
    {"chatml", "<|im_start|>user\nHi?<|im_end|>\n<|im_start|>assistant\n",
     "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi?<|im_end|>\n"
     "<|im_start|>assistant\n",
     "<|im_end|>"},
    {"gemma", "<bos><start_of_turn>user\nHi?<end_of_turn>\n<start_of_turn>model\n", nullptr,
     "<end_of_turn>"},
    {"gemma3", "<bos><start_of_turn>user\nHi?<end_of_turn>\n<start_of_turn>model\n",
     "<bos><start_of_turn>user\nBe brief.\n\nHi?<end_of_turn>\n<start_of_turn>model\n",
     "<end_of_turn>"},
    {"llama2", "<s>[INST] Hi? [/INST]", "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi? [/INST]",
     "</s>"},
    {"llama3",
     "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n",
     "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
     "<|start_header_id|>user<|end_header_id|>\n\nHi?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n",
     "<|eot_id|>"},
    {"llama3.1",
     "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n"
     "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n<|eot_id|>"
     "<|start_header_id|>user<|end_header_id|>\n\nHi?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n",
     "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\n"
     "Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\nBe brief.<|eot_id|>"
     "<|start_header_id|>user<|end_header_id|>\n\nHi?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n",
     "<|eot_id|>"},
    {"mistral", "<s>[INST] Hi? [/INST]", "<s>[INST] Be brief.\n\nHi? [/INST]", "</s>"},
    {"mistral-v3", "<s>[INST] Hi?[/INST]", "<s>[INST] Be brief.\n\nHi?[/INST]", "</s>"},
    {"phi3", "<|user|>\nHi?<|end|>\n<|assistant|>\n",
     "<|system|>\nBe brief.<|end|>\n<|user|>\nHi?<|end|>\n<|assistant|>\n", "<|end|>"},
    {"zephyr", "<|user|>\nHi?</s>\n<|assistant|>\n",
     "<|system|>\nBe brief.</s>\n<|user|>\nHi?</s>\n<|assistant|>\n", "</s>"},
};

TEST(ChatTemplate, MakesThePublishedPromptOfEachFamily) {
  std::vector<std::string> names;
  for (const FamilyCase& one : kFamilyCases) {
    const ChatTemplate chat = named_template(one.name, {});
    EXPECT_EQ(chat.prompt("Hi?", {}), one.alone);
    EXPECT_EQ(chat.takes_system, one.with_system != nullptr);
    if (chat.takes_system) {
      EXPECT_EQ(chat.prompt("Hi?", "Be brief."), one.with_system);
    }
    EXPECT_EQ(chat.prompt("Hi?", ""), one.alone);
    EXPECT_EQ(chat.end_of_turn, one.end_of_turn);
    names.emplace_back(one.name);
  }
  EXPECT_EQ(chat_template_names(), names);
}

TEST(ChatTemplate, TrimsWhereThePublishedOneDoes) {
  const auto prompt = [](const char* name) {
    return named_template(name, {"B", "E"}).prompt(" \nHi? ", " S\n");
  };
  EXPECT_EQ(prompt("llama2"), "B[INST] <<SYS>>\n S\n\n<</SYS>>\n\n \nHi? [/INST]");
  EXPECT_EQ(named_template("llama2", {"B", "E"}).prompt(" \nHi? ", {}), "B[INST] Hi? [/INST]");
  EXPECT_EQ(prompt("llama3"),
            "B<|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user"
            "<|end_header_id|>\n\nHi?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n");
  EXPECT_EQ(prompt("mistral"), "B[INST]  S\n\n\n \nHi?  [/INST]");
  EXPECT_EQ(prompt("gemma3"),
            "B<start_of_turn>user\n S\n\n\nHi?<end_of_turn>\n<start_of_turn>model\n");
  EXPECT_EQ(prompt("phi3"), "<|system|>\n S\n<|end|>\n<|user|>\n \nHi? <|end|>\n<|assistant|>\n");
  EXPECT_EQ(prompt("zephyr"), "<|system|>\n S\nE\n<|user|>\n \nHi? E\n<|assistant|>\n");
}

// Pieces of published templates, by which they are known.
struct SourceCase {
  const char* what;
  const char* source;
  const char* family;  // "": none
  const char* prompt;  // of "Hi?"
};

const SourceCase kSourceCases[] = {
    {"Qwen 2.5",
     R"({%- if messages[0]['role'] == 'system' %}{{- messages[0]['content'] }}{%- else %})"
     R"({{- '<|im_start|>system\nYou are Qwen.<|im_end|>\n' }}{%- endif %}{%- for message in )"
     R"(messages %}{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{%- endfor %})"
     R"({%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %})",
     "chatml",
     "<|im_start|>system\nYou are Qwen.<|im_end|>\n<|im_start|>user\nHi?<|im_end|>\n"
     "<|im_start|>assistant\n"},
    {"Qwen 3, with tools and a switch for thinking",
     R"({%- if tools %}{{- '<|im_start|>system\n' }}{{- messages[0].content + '\n\n' }}{%- else %})"
     R"({{- '<|im_start|>system\n' + messages[0].content + '<|im_end|>\n' }}{%- endif %})"
     R"({%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }})"
     R"({%- if enable_thinking is false %}{{- '<think>\n\n</think>\n\n' }}{%- endif %})",
     "chatml", "<|im_start|>user\nHi?<|im_end|>\n<|im_start|>assistant\n"},
    {"Qwen 3 that always thinks",
     R"({{- '<|im_start|>' + role + '<|im_end|>' }}{{- '<|im_start|>assistant\n<think>\n' }})", "",
     ""},
    {"one that thinks, in two pieces",
     R"({{- '<|im_end|>' }}{{- '<|im_start|>assistant\n' }}{{- '<think>\n' }})", "", ""},
    {"ChatML whose answer is opened in another way",
     R"({{ '<|im_start|>' + role + '<|im_end|>' }}{{ '<|im_start|>assistant' }})", "", ""},
    {"a system text in a variable",
     R"({% set system_message = 'Be kind.' %}{% if messages[0]['role'] == 'system' %})"
     R"({% set system_message = messages[0]['content'] %}{% endif %})"
     R"({{ '<|im_start|>system\n' + system_message + '<|im_end|>\n' }})"
     R"({{ '<|im_start|>assistant\n' }})",
     "chatml",
     "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHi?<|im_end|>\n"
     "<|im_start|>assistant\n"},
    {"a system text from somewhere else",
     R"({{ '<|im_start|>system\n' + system + '<|im_end|>\n' }}{{ '<|im_start|>assistant\n' }})", "",
     ""},
    {"a system text with the day's date",
     R"({{- '<|im_start|>system\n' }}{{- 'Today: ' + strftime_now('%d %B') + '<|im_end|>\n' }})"
     R"({{ '<|im_start|>assistant\n' }})",
     "", ""},
    {"chatml behind BOS",
     R"({{ bos_token }}{{ '<|im_start|>' + role }}{{ '<|im_end|>' }}{{ '<|im_start|>assistant\n' }})",
     "chatml", "<B><|im_start|>user\nHi?<|im_end|>\n<|im_start|>assistant\n"},
    {"Llama 2", R"({{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }} '<<SYS>>\n')",
     "llama2", "<B>[INST] Hi? [/INST]"},
    {"Llama 3",
     R"('<|start_header_id|>' + role + '<|end_header_id|>\n\n'+ content | trim + '<|eot_id|>' )"
     R"({% set content = bos_token + content %})",
     "llama3",
     "<B><|start_header_id|>user<|end_header_id|>\n\nHi?<|eot_id|><|start_header_id|>assistant"
     "<|end_header_id|>\n\n"},
    {"Llama 3.1",
     R"({{- bos_token }}{{- "<|start_header_id|>system<|end_header_id|>\n\n" }})"
     R"({{- "Cutting Knowledge Date: December 2023\n" }}{{- "<|eot_id|>" }})",
     "llama3.1",
     "<B><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n"
     "Today Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi?"
     "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"},
    {"Mistral 0.1", R"({{ bos_token }}{{ '[INST] ' + message['content'] + ' [/INST]' }})",
     "mistral", "<B>[INST] Hi? [/INST]"},
    {"Mistral 0.2, later", R"({{- bos_token }}{{- " [INST] " + content + " [/INST]" }})", "mistral",
     "<B> [INST] Hi? [/INST]"},
    {"Mistral 0.3", R"({{- bos_token }}{{- "[INST] " + content + "[/INST]" }})", "mistral",
     "<B>[INST] Hi?[/INST]"},
    {"Mistral Nemo", R"({{- bos_token }}{{- "[INST]" + content + "[/INST]" }})", "mistral",
     "<B>[INST]Hi?[/INST]"},
    {"Zephyr",
     "{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n",
     "zephyr", "<|user|>\nHi?<E>\n<|assistant|>\n"},
    {"Tulu, which ends no question",
     R"({{ '<|user|>\n' + message['content'] + '\n' }}{{ message['content'] + eos_token }})", "",
     ""},
    {"Phi 4 mini, without line ends",
     R"({{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }})", "", ""},
    {"Phi 4", R"({{ '<|im_start|>user<|im_sep|>' + content + '<|im_end|>' }})", "", ""},
    {"Mistral Small 3", R"({{ '[SYSTEM_PROMPT]' }}{{ '[INST]' + content + '[/INST]' }})", "", ""},
    {"Gemma's marks around a text that is not trimmed",
     R"({{ '<start_of_turn>' + role + '\n' + content + '<end_of_turn>\n' }})", "", ""},
    {"Gemma with a system turn of somebody's",
     R"({{ '<start_of_turn>system\n' + message['content'] | trim + '<end_of_turn>\n' }})", "", ""},
};

TEST(ChatTemplate, IsKnownByItsMarkers) {
  for (const SourceCase& one : kSourceCases) {
    const auto chat = recognised_template(one.source, {"<B>", "<E>"});
    EXPECT_EQ(chat ? chat->name : "", one.family) << one.what;
    EXPECT_EQ(chat ? chat->prompt("Hi?", {}) : "", one.prompt) << one.what;
  }
}

TEST(ChatTemplate, OfMistralTakesASystemTextWhereItsSourceDoes) {
  const auto takes = [](const char* source) {
    return recognised_template(source, {"<B>", "<E>"})->takes_system;
  };
  EXPECT_FALSE(takes(R"({{ bos_token }}{{ '[INST] ' + message['content'] + ' [/INST]' }})"));
  EXPECT_TRUE(
      takes(R"({%- if messages[0]["role"] == "system" %}{{- "[INST] " + system_message }})"));
}

// By transformers, of made-up tokenizer_config files: tests/goldens/make_chat_templates.py.
TEST(ChatTemplate, MakesThePromptsOfTransformers) {
  using Json = nlohmann::json;
  std::ifstream file(test_dir() / "goldens/chat_templates.json");
  const Json golden = Json::parse(file);
  ASSERT_EQ(golden.size(), 6U);
  for (const Json& one : golden) {
    const Json& config = one["tokenizer_config"];
    const auto chat = recognised_template(config["chat_template"].get<std::string>(),
                                          {config["bos_token"], config["eos_token"]});
    ASSERT_TRUE(chat) << config;
    EXPECT_EQ(chat->name, one["family"]);
    for (const Json& prompt : one["prompts"]) {
      std::optional<std::string> system;
      if (prompt["system"].is_string()) system = prompt["system"];
      if (prompt["prompt"].is_null()) {
        EXPECT_FALSE(chat->takes_system) << config;
        continue;
      }
      EXPECT_TRUE(chat->takes_system || !system) << config;
      EXPECT_EQ(chat->prompt(prompt["question"], system), prompt["prompt"]) << config;
    }
  }
}

TEST(ChatTemplate, OfAnUnknownNameIsRefusedWithTheNames) {
  try {
    named_template("lama3", {});
    ADD_FAILURE() << "it was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems()[0].expected,
              "chatml, gemma, gemma3, llama2, llama3, llama3.1, mistral, mistral-v3, phi3, zephyr");
    EXPECT_EQ(error.problems()[0].fix, "did you mean \"llama3\"?");
  }
}

}  // namespace
}  // namespace pressroom::chat_template_test
