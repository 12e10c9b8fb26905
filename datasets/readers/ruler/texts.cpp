#include "texts.h"

#include <algorithm>
#include <filesystem>

#include "../recall/sentences.h"
#include "pressroom/data_files.h"
#include "pressroom/error.h"

namespace pressroom::ruler {
namespace {

constexpr std::size_t kFewestWords = 1000;  // pairs of them are keys: nearly a million
constexpr std::size_t kShortestWord = 3;
constexpr std::size_t kLongestWord = 10;

bool is_usable(const std::string& word) {
  return word.size() >= kShortestWord && word.size() <= kLongestWord &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

std::int64_t words_in(const std::string& sentence) {
  return std::count(sentence.begin(), sentence.end(), ' ');
}

// The first `count` words of a sentence, each of which has a blank before it.
std::string first_words(const std::string& sentence, std::int64_t count) {
  std::size_t end = 0;
  for (; count > 0 && end != std::string::npos; --count) end = sentence.find(' ', end + 1);
  return sentence.substr(0, end);
}

}  // namespace

WordList::WordList(const std::string& file) {
  const DataLayout layout = {
      "a list of words, one a line", {".txt"}, "Debian has one: apt-get install wamerican"};
  DataFiles files(find_data_files(file, layout));
  DataFile* const list = files.open_next();
  while (std::optional<std::string> line = list->line()) {
    while (!line->empty() && (line->back() == '\n' || line->back() == '\r')) line->pop_back();
    if (is_usable(*line)) words_.push_back(std::move(*line));
  }
  std::sort(words_.begin(), words_.end());
  words_.erase(std::unique(words_.begin(), words_.end()), words_.end());
  if (words_.size() < kFewestWords) {
    throw Error({"the list has too few words", file,
                 "at least " + std::to_string(kFewestWords) + " of 3 to 10 letters from a to z",
                 std::to_string(words_.size()), "take another list; " + layout.get});
  }
  source_ = files.sources().front();
}

Prose::Prose(const std::string& file) {
  DataFiles files({file});
  const std::string text = files.next_whole()->text;
  for (const char* const stated : {"special magic", "VAR "}) {
    const std::size_t found = text.find(stated);
    if (found == std::string::npos) continue;
    throw Error({"the haystack has needles of its own", file,
                 "a text without \"" + std::string(stated) + '"', text.substr(found, 40),
                 "take another text"});
  }
  sentences_ = sentences_of(text);
  for (const std::string& sentence : sentences_) words_ += words_in(sentence);
  if (words_ == 0) {
    throw Error({"the haystack cannot be used", file, "a file with text in it", "no words",
                 "take another text"});
  }
  name_ = std::filesystem::path(document_name(file)).stem().string();
  source_ = files.sources().front();
}

std::vector<std::string> Prose::sentences(std::int64_t count) const {
  std::vector<std::string> taken;
  for (std::size_t s = 0; s < sentences_.size() && count > 0; ++s) {
    taken.push_back(first_words(sentences_[s], count).substr(1));
    count -= words_in(sentences_[s]);
  }
  return taken;
}

}  // namespace pressroom::ruler
