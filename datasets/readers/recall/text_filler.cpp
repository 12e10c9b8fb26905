#include "text_filler.h"

#include "pressroom/data_files.h"
#include "pressroom/error.h"
#include "vocabulary.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostWords = 40;

bool ends_sentence(std::string word) {
  while (!word.empty() && std::string("\"')_*").find(word.back()) != std::string::npos) {
    word.pop_back();
  }
  return !word.empty() && std::string(".!?").find(word.back()) != std::string::npos;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::vector<std::string> sentences_of(const std::string& text) {
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

}  // namespace

TextFiller::TextFiller(const std::string& file) {
  DataFiles files({file});
  const std::string text = files.next_whole()->text;
  sentences_ = sentences_of(text);
  if (sentences_.empty()) {
    throw Error({"the filler cannot be used", file, "a file with text in it", "no words",
                 "take another text"});
  }
  const std::string stated = kFactLead + 1;  // without the blank before
  const std::size_t found = text.find(stated);
  if (found != std::string::npos) {
    throw Error({"the filler states keys itself", file, "a text without \"" + stated + "\"",
                 text.substr(found, 40), "take another text"});
  }
  source_ = files.sources().front();
}

const std::string& TextFiller::sentence(RandomKey key, std::size_t index) const {
  return sentences_[(draw(key, sentences_.size()) + index) % sentences_.size()];
}

}  // namespace pressroom
