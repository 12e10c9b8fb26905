// A small SentencePiece-style vocabulary: byte b has the id 3 + b, and eight merges follow the
// characters in the order of their ranks.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace pressroom::tokenizer_test {

// The tokens in the order of their ids.
inline std::vector<std::string> sentencepiece_tokens() {
  std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
  for (int byte = 0; byte < 256; ++byte) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    tokens.push_back(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">");
  }
  for (const char* token : {"\u2581", "l", "o", "w", "e", "r", "n",          // from 259
                            "lo", "low", "\u2581low", "er", "\u2581\u2581",  // from 266
                            "\u2581\u2581\u2581\u2581", "ne", "lower"}) {    // to 273
    tokens.push_back(token);
  }
  return tokens;
}

inline nlohmann::json sentencepiece() {
  using nlohmann::json;
  json vocab;
  for (const std::string& token : sentencepiece_tokens()) vocab[token] = vocab.size();
  const json merges = {"l o", "lo w",          "\u2581 low",
                       "e r", "\u2581 \u2581", "\u2581\u2581 \u2581\u2581",
                       "n e", "low er"};
  const json mark = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}};
  const json unmark = {{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}};
  const json prepend = {{"type", "Prepend"}, {"prepend", "\u2581"}};
  const json strip = {{"type", "Strip"}, {"content", " "}, {"start", 1U}, {"stop", 0U}};
  json added = json::array();
  for (const char* token : {"<unk>", "<s>", "</s>"}) {
    added.push_back({{"id", added.size()}, {"content", token}, {"normalized", false}});
  }
  return {{"added_tokens", added},
          {"normalizer", {{"type", "Sequence"}, {"normalizers", {prepend, mark}}}},
          {"pre_tokenizer", nullptr},
          {"post_processor",
           {{"type", "TemplateProcessing"},
            {"single", {{{"SpecialToken", {{"id", "<s>"}}}}, {{"Sequence", {{"id", "A"}}}}}},
            {"special_tokens", {{"<s>", {{"ids", {1}}}}}}}},
          {"decoder",
           {{"type", "Sequence"},
            {"decoders", {unmark, {{"type", "ByteFallback"}}, {{"type", "Fuse"}}, strip}}}},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"fuse_unk", true},
            {"byte_fallback", true},
            {"vocab", vocab},
            {"merges", merges}}}};
}

}  // namespace pressroom::tokenizer_test
