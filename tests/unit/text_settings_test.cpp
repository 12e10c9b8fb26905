#include "model/text_settings.h"

#include <gtest/gtest.h>

#include <map>

#include "gguf_builder.h"
#include "pressroom/error.h"
#include "scratch_folder.h"

namespace pressroom::text_settings_test {
namespace {

// A model's folder with these files.
ModelFiles folder_with(const ScratchFolder& folder,
                       const std::map<std::string, std::string>& files) {
  for (const auto& [name, text] : files) write_file(folder.path() / name, text);
  ModelFiles model;
  model.root = folder.path();
  model.config = folder.path() / "config.json";
  return model;
}

TEST(TextSettings, ComeFromTheFilesOfTheModel) {
  struct SettingsCase {
    std::map<std::string, std::string> files;
    std::string chat_template, begin, end;
    std::vector<std::int64_t> end_ids;
  };
  const std::string config = R"({"eos_token_id": 7})";
  const std::vector<SettingsCase> cases = {
      {{{"config.json", "{}"}}, "", "", "", {}},
      {{{"config.json", config}}, "", "", "", {7}},
      {{{"config.json", config}, {"generation_config.json", R"({"eos_token_id": [1, 2]})"}},
       "",
       "",
       "",
       {1, 2}},
      {{{"config.json", config}, {"generation_config.json", R"({"eos_token_id": null})"}},
       "",
       "",
       "",
       {7}},
      {{{"config.json", config},
        {"tokenizer_config.json",
         R"({"chat_template": "T", "bos_token": "<s>", "eos_token": {"content": "</s>"}})"}},
       "T",
       "<s>",
       "</s>",
       {7}},
      {{{"config.json", config},
        {"tokenizer_config.json", R"({"model_max_length": Infinity, "chat_template": [)"
                                  R"({"name": "tool_use", "template": "U"},)"
                                  R"({"name": "default", "template": "D"}]})"}},
       "D",
       "",
       "",
       {7}},
      {{{"config.json", config},
        {"tokenizer_config.json", R"({"chat_template": "T"})"},
        {"chat_template.jinja", "J"}},
       "J",
       "",
       "",
       {7}},
  };
  for (const SettingsCase& one : cases) {
    const ScratchFolder folder;
    const TextSettings settings = read_text_settings(folder_with(folder, one.files));
    EXPECT_EQ(settings.chat_template, one.chat_template);
    EXPECT_EQ(settings.tokens.begin, one.begin);
    EXPECT_EQ(settings.tokens.end, one.end);
    EXPECT_EQ(settings.end_ids, one.end_ids);
  }
}

TEST(TextSettings, ThatCannotBeAreRefusedWithFileAndKey) {
  const std::vector<std::map<std::string, std::string>> cases = {
      {{"tokenizer_config.json", "{torn"}},
      {{"tokenizer_config.json", "[]"}},
      {{"tokenizer_config.json", R"({"chat_template": 3})"}},
      {{"tokenizer_config.json", R"({"chat_template": [{"name": "rag", "template": "R"}]})"}},
      {{"tokenizer_config.json", R"({"bos_token": 5})"}},
      {{"generation_config.json", R"({"eos_token_id": "</s>"})"}},
      {{"generation_config.json", R"({"eos_token_id": [1, 2.5]})"}},
  };
  for (std::map<std::string, std::string> files : cases) {
    const ScratchFolder folder;
    const std::string name = files.begin()->first;
    files["config.json"] = "{}";
    try {
      read_text_settings(folder_with(folder, files));
      ADD_FAILURE() << files.begin()->second << " was taken";
    } catch (const Error& error) {
      EXPECT_NE(error.problems()[0].where.find(name), std::string::npos) << error.what();
    }
  }
}

TEST(TextSettings, ComeFromTheMetadataOfAGgufFile) {
  const auto texts = [](const std::vector<std::string>& all) {
    std::string bytes = little_endian<std::uint32_t>(8) + little_endian<std::uint64_t>(all.size());
    for (const std::string& text : all) bytes += gguf_text(text);
    return bytes;
  };
  GgufBuilder gguf;
  gguf.text("tokenizer.chat_template", "T");
  gguf.pair("tokenizer.ggml.tokens", 9, texts({"<unk>", "<s>", "</s>", "<|eot|>"}));
  gguf.whole("tokenizer.ggml.bos_token_id", 1).whole("tokenizer.ggml.eos_token_id", 2);
  gguf.whole("tokenizer.ggml.eot_token_id", 3);
  const ScratchFolder folder;
  ModelFiles model;
  model.root = model.config = folder.path() / "model.gguf";
  write_file(model.root, gguf.bytes());
  const TextSettings settings = read_text_settings(model);
  EXPECT_EQ(settings.chat_template, "T");
  EXPECT_EQ(settings.tokens.begin, "<s>");
  EXPECT_EQ(settings.tokens.end, "</s>");
  EXPECT_EQ(settings.end_ids, (std::vector<std::int64_t>{2, 3}));
}

}  // namespace
}  // namespace pressroom::text_settings_test
