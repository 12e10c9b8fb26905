// The sentences of an existing text, for readers that hide something between them.
//
//   sentences_of("She had been\nforced into prudence. He was");
//   // {" She had been forced into prudence.", " He was"}
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace pressroom {

// Any white space becomes one blank, which stands before every word. A sentence ends after . ! or
// ?, quotes behind them included, and after 40 words at the latest.
inline std::vector<std::string> sentences_of(const std::string& text) {
  constexpr std::size_t kMostWords = 40;
  const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  const auto ends_sentence = [](std::string word) {
    while (!word.empty() && std::string("\"')_*").find(word.back()) != std::string::npos) {
      word.pop_back();
    }
    return !word.empty() && std::string(".!?").find(word.back()) != std::string::npos;
  };
  std::vector<std::string> sentences;
  std::string sentence;
  std::size_t words = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && !is_blank(text[end])) ++end;
    const std::string word = text.substr(begin, end - begin);
    begin = end + 1;
    if (word.empty()) continue;
    sentence += " " + word;
    if (!ends_sentence(word) && ++words < kMostWords) continue;
    sentences.push_back(std::move(sentence));
    sentence.clear();
    words = 0;
  }
  if (!sentence.empty()) sentences.push_back(std::move(sentence));
  return sentences;
}

}  // namespace pressroom
