#include "common_words.h"

#include <algorithm>

#include "parts.h"

namespace pressroom::ruler {
namespace {

// An entry of the list: a word, and what it is sorted by.
struct Entry {
  std::uint64_t place = 0;
  std::size_t word = 0;  // 0 ... : the common ones come first
};

std::string numbered(std::size_t number) { return std::to_string(number) + ". "; }

}  // namespace

CommonWords::CommonWords(const Settings& settings, RandomKey key, const WordList& words,
                         std::int64_t length)
    : words_(words),
      key_(key),
      num_cw_(settings.num_cw),
      order_(draw_distinct(key.with("words"), words.size(), words.size())) {
  const bool is_short = length < kShortDocument;
  times_ = is_short ? Times{6, 1} : Times{30, 3};
  if (settings.freq_cw > 0) times_.common = settings.freq_cw;
  if (settings.freq_ucw > 0) times_.other = settings.freq_ucw;
  if (settings.num_fewshot == 0) return;
  example_words_ = is_short ? 20 : 40;
  Composition example;
  write(example, 0, static_cast<std::int64_t>(example_words_),
        is_short ? Times{3, 1} : Times{10, 3}, key.with("example"));
  example_ = example.text + "\n";
}

std::int64_t CommonWords::most_units() const {
  return static_cast<std::int64_t>(words_.size() - example_words_);
}

void CommonWords::write(Composition& made, std::size_t first, std::int64_t units,
                        const Times& times, RandomKey key) const {
  // Every entry has its own draw, so that a longer list keeps the order of a shorter one.
  std::vector<Entry> entries;
  for (std::int64_t word = 0; word < units; ++word) {
    for (std::int64_t t = 0; t < (word < num_cw_ ? times.common : times.other); ++t) {
      entries.push_back({key.with(word).with(t).bits(), static_cast<std::size_t>(word)});
    }
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return a.place != b.place ? a.place < b.place : a.word < b.word;
  });
  made.instruct(
      "Below is a numbered list of words. In these words, some appear more often than "
      "others. Memorize the ones that appear most often.\n");
  std::vector<std::string> common;  // in the order in which they are met
  for (std::size_t e = 0; e < entries.size(); ++e) {
    const std::string& word = words_.word(order_[first + entries[e].word]);
    made.append((e == 0 ? "" : " ") + numbered(e + 1));
    if (entries[e].word >= static_cast<std::size_t>(num_cw_)) {
      made.append(word);
      continue;
    }
    made.append(word, "evidence", 0);
    if (std::find(common.begin(), common.end(), word) == common.end()) common.push_back(word);
  }
  std::string answer;
  for (std::size_t c = 0; c < common.size(); ++c) {
    answer += (c == 0 ? "" : " ") + numbered(c + 1) + common[c];
  }
  const std::string count = std::to_string(num_cw_);
  made.ask("Question: What are the " + count +
               " most common words in the above list? Answer: The "
               "top " +
               count + " words that appear most often in the list are:",
           {"", answer, common});
  made.made_of = "a list of " + std::to_string(units) + " words, " + count + " of them " +
                 std::to_string(times.common) + " times and the others " +
                 std::to_string(times.other);
}

Composition CommonWords::composed(std::int64_t units) {
  Composition made;
  if (!example_.empty()) made.append(example_, "example");
  write(made, example_words_, units, times_, key_.with("list"));
  return made;
}

}  // namespace pressroom::ruler
