#include "train/starter/task_words.h"

#include <algorithm>
#include <string_view>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::size_t kShortestWord = 4, kLongestWord = 10;
constexpr int kMostSentenceWords = 60;

bool is_small_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

char draw_from(CounterRng* rng, std::string_view letters) {
  return letters[rng->below(letters.size())];
}

std::string draw_made_up(CounterRng* rng) {
  std::string word;
  const std::uint64_t syllables = 2 + rng->below(2);
  for (std::uint64_t s = 0; s < syllables; ++s) {
    word += draw_from(rng, "bcdfghjklmnpqrstvwxyz");
    word += draw_from(rng, "aeiouy");
    if (rng->below(2) == 0) word += draw_from(rng, "bcdfgklmnprstxz");
  }
  return word;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && !is_blank(text[end])) ++end;
    const auto first = text.begin() + static_cast<std::ptrdiff_t>(begin);
    const auto last = text.begin() + static_cast<std::ptrdiff_t>(end);
    const std::size_t size = end - begin;
    if (size >= kShortestWord && size <= kLongestWord &&
        std::all_of(first, last, is_small_letter)) {
      words.emplace_back(first, last);
    }
    begin = end + 1;
  }
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

}  // namespace

std::string draw_digits(CounterRng* rng, int digits) {
  std::string number(1, draw_from(rng, "123456789"));
  while (static_cast<int>(number.size()) < digits) number += draw_from(rng, "0123456789");
  return number;
}

std::string draw_uuid(CounterRng* rng) {
  std::string uuid;
  for (const char c : std::string_view("xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx")) {
    if (c == 'x') {
      uuid += draw_from(rng, "0123456789abcdef");
    } else {
      uuid += c == 'y' ? draw_from(rng, "89ab") : c;
    }
  }
  return uuid;
}

std::string draw_variable(CounterRng* rng, int letters) {
  std::string name;
  for (int i = 0; i < letters; ++i) name += draw_from(rng, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  return name;
}

SentenceSource::SentenceSource(const std::string& text, std::size_t at) : text_(text), at_(at) {
  // The place may be in the middle of a word, or of a character.
  next_word();
}

std::string SentenceSource::next_word() {
  std::string word;
  while (is_blank(text_[at_])) at_ = (at_ + 1) % text_.size();
  for (; !is_blank(text_[at_]); at_ = (at_ + 1) % text_.size()) word += text_[at_];
  return word;
}

std::string SentenceSource::next() {
  std::string sentence;
  for (int i = 0; i < kMostSentenceWords; ++i) {
    sentence += (i > 0 ? " " : "") + next_word();
    const char last = sentence.back();
    if (last == '.' || last == '?' || last == '!') break;
  }
  return sentence;
}

TaskWords::TaskWords(const Tokenizer& tokenizer, const std::vector<std::int64_t>& filler_ids)
    : text_(tokenizer.decode(filler_ids)), words_(words_of(text_)) {
  if (words_.size() >= 2) return;
  throw Error({"the text has no words that keys could be made of", "tasks",
               "two words of 4 to 10 small letters or more", std::to_string(words_.size()),
               "give a longer text"});
}

std::string TaskWords::word(CounterRng* rng) const {
  return rng->below(4) == 0 ? draw_made_up(rng) : words_[rng->below(words_.size())];
}

std::string TaskWords::key(CounterRng* rng) const {
  const std::string first = word(rng);
  return rng->below(8) == 0 ? first : first + "-" + word(rng);
}

SentenceSource TaskWords::prose(CounterRng* rng) const { return {text_, rng->below(text_.size())}; }

}  // namespace pressroom
