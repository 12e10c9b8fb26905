#include "frequent_words.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "parts.h"

namespace pressroom::ruler {
namespace {

constexpr std::size_t kAnswers = 3;  // the ranks 2, 3 and 4
constexpr std::size_t kSmallestVocabulary = kAnswers + 1;

struct Occurrence {
  std::uint64_t place = 0;
  std::size_t rank = 0;
};

}  // namespace

FrequentWords::FrequentWords(const Settings& settings, RandomKey key, std::int64_t length)
    : key_(key) {
  const auto count =
      static_cast<std::size_t>(settings.vocab_size > 0 ? settings.vocab_size : length / 50);
  std::set<std::string> taken;
  words_.push_back("...");
  while (words_.size() < std::max(count, kSmallestVocabulary)) {
    words_.push_back(distinct(taken, key.with("word").with(words_.size()), [&](RandomKey k) {
      return drawn_letters(k, static_cast<std::size_t>(settings.coded_wordlen), 'a');
    }));
  }
  const double zeta = std::riemann_zeta(settings.alpha);
  for (std::size_t rank = 1; rank <= words_.size(); ++rank) {
    shares_.push_back(std::pow(static_cast<double>(rank), -settings.alpha) / zeta);
  }
  // Shares that are 1 / n apart are different frequencies of n words.
  double closest = 1;
  for (std::size_t rank = 2; rank < 2 + kAnswers; ++rank) {
    const double next = rank < shares_.size() ? shares_[rank] : 0;
    closest = std::min(closest, shares_[rank - 1] - next);
  }
  least_ = static_cast<std::int64_t>(std::ceil(1 / closest)) + 1;
}

std::int64_t FrequentWords::frequency(std::size_t rank, std::int64_t units) const {
  return static_cast<std::int64_t>(static_cast<double>(units) * shares_[rank - 1]);
}

Composition FrequentWords::composed(std::int64_t units) {
  std::vector<Occurrence> text;
  for (std::size_t rank = 1; rank <= words_.size(); ++rank) {
    const std::int64_t times = frequency(rank, units);
    for (std::int64_t t = 0; t < times; ++t) {
      text.push_back({key_.with("place").with(rank).with(t).bits(), rank});
    }
  }
  std::sort(text.begin(), text.end(), [](const Occurrence& a, const Occurrence& b) {
    return a.place != b.place ? a.place < b.place : a.rank < b.rank;
  });
  Composition made;
  made.instruct(
      "Read the following coded text and track the frequency of each coded word. Find the "
      "three most frequently appeared coded words. ");
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string& word = words_[text[i].rank - 1];
    if (i > 0) made.append(" ");
    if (text[i].rank >= 2 && text[i].rank < 2 + kAnswers) {
      made.append(word, "evidence", 0);
    } else {
      made.append(word);
    }
  }
  const std::vector<std::string> most(words_.begin() + 1, words_.begin() + 1 + kAnswers);
  made.ask(
      "Question: Do not provide any explanation. Please ignore the dots '....'. What are the "
      "three most frequently appeared words in the above coded text? Answer: According to the "
      "coded text above, the three most frequently appeared words are:",
      {"", joined(most, ", "), most});
  made.made_of = std::to_string(units) + " draws of a zeta law over " +
                 std::to_string(words_.size()) + " words";
  return made;
}

}  // namespace pressroom::ruler
