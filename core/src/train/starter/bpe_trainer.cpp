#include "train/starter/bpe_trainer.h"

#include <algorithm>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "pressroom/error.h"
#include "train/starter/pretokens.h"

namespace pressroom {
namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;

struct PairHash {
  std::size_t operator()(const Pair& p) const {
    return static_cast<std::size_t>(p.first * 1000003 + p.second);
  }
};

struct Word {
  std::vector<std::int64_t> symbols;
  std::int64_t count;
};

// Pair frequencies over all words, and the words each pair has occurred in. The queue may hold
// outdated frequencies; they are recognised when they surface.
class PairIndex {
 public:
  explicit PairIndex(std::vector<Word> words) : words_(std::move(words)) {
    for (std::size_t w = 0; w < words_.size(); ++w) count_word(w, words_[w].count);
    for (const auto& [pair, frequency] : frequency_) queue_.push({frequency, pair});
  }

  // The most frequent pair that occurs at least twice; false when there is none.
  bool best(Pair* pair) {
    while (!queue_.empty()) {
      const Candidate top = queue_.top();
      queue_.pop();
      const std::int64_t now = frequency_[top.pair];
      if (now == top.frequency && now >= 2) {
        *pair = top.pair;
        return true;
      }
    }
    return false;
  }

  void merge(const Pair& pair, std::int64_t merged) {
    const std::unordered_set<std::size_t> affected = std::move(places_[pair]);
    places_.erase(pair);
    touched_.clear();
    for (const std::size_t w : affected) {
      count_word(w, -words_[w].count);
      replace(&words_[w].symbols, pair, merged);
      count_word(w, words_[w].count);
    }
    for (const Pair& changed : touched_) queue_.push({frequency_[changed], changed});
  }

 private:
  struct Candidate {
    std::int64_t frequency;
    Pair pair;
    bool operator<(const Candidate& other) const {
      return frequency != other.frequency ? frequency < other.frequency : other.pair < pair;
    }
  };

  void count_word(std::size_t w, std::int64_t count) {
    const std::vector<std::int64_t>& symbols = words_[w].symbols;
    for (std::size_t i = 0; i + 1 < symbols.size(); ++i) {
      const Pair pair{symbols[i], symbols[i + 1]};
      frequency_[pair] += count;
      touched_.insert(pair);
      if (count > 0) places_[pair].insert(w);
    }
  }

  static void replace(std::vector<std::int64_t>* symbols, const Pair& pair, std::int64_t merged) {
    std::size_t out = 0;
    for (std::size_t i = 0; i < symbols->size(); ++i) {
      const bool hit = i + 1 < symbols->size() && (*symbols)[i] == pair.first &&
                       (*symbols)[i + 1] == pair.second;
      (*symbols)[out++] = hit ? merged : (*symbols)[i];
      if (hit) ++i;
    }
    symbols->resize(out);
  }

  std::vector<Word> words_;
  std::unordered_map<Pair, std::int64_t, PairHash> frequency_;
  std::unordered_map<Pair, std::unordered_set<std::size_t>, PairHash> places_;
  std::unordered_set<Pair, PairHash> touched_;
  std::priority_queue<Candidate> queue_;
};

// Bytes by the code point of their stand-in: first the printable ones, then the others.
std::vector<int> bytes_in_id_order() {
  std::vector<int> bytes(256);
  for (int b = 0; b < 256; ++b) bytes[static_cast<std::size_t>(b)] = b;
  const std::vector<std::string>& symbols = byte_symbols();
  std::sort(bytes.begin(), bytes.end(), [&](int a, int b) {
    const std::string& x = symbols[static_cast<std::size_t>(a)];
    const std::string& y = symbols[static_cast<std::size_t>(b)];
    return x < y;  // UTF-8 sorts as its code points do
  });
  return bytes;
}

}  // namespace

void PretokenCounts::add(std::string_view text, std::int64_t weight) {
  for (const std::string_view pretoken : split_pretokens(text)) add_pretoken(pretoken, weight);
}

void PretokenCounts::add_pretoken(std::string_view pretoken, std::int64_t weight) {
  counts_[std::string(pretoken)] += weight;
}

BpeVocabulary train_bpe(const PretokenCounts& counts, std::int64_t vocabulary_size) {
  PRESSROOM_ASSERT(vocabulary_size >= 256);
  BpeVocabulary bpe;
  std::vector<std::int64_t> id_of_byte(256);
  for (const int byte : bytes_in_id_order()) {
    id_of_byte[static_cast<std::size_t>(byte)] = static_cast<std::int64_t>(bpe.tokens.size());
    bpe.tokens.emplace_back(1, static_cast<char>(byte));
  }
  std::vector<Word> words;
  for (const auto& [pretoken, count] : counts.counts()) {
    Word word{{}, count};
    for (const char c : pretoken) word.symbols.push_back(id_of_byte[static_cast<unsigned char>(c)]);
    words.push_back(std::move(word));
  }
  PairIndex index(std::move(words));
  std::unordered_map<std::string, std::int64_t> id_of_token;  // one text can come from two merges
  Pair pair;
  while (static_cast<std::int64_t>(bpe.tokens.size()) < vocabulary_size && index.best(&pair)) {
    const std::string merged = bpe.tokens[static_cast<std::size_t>(pair.first)] +
                               bpe.tokens[static_cast<std::size_t>(pair.second)];
    const auto next_id = static_cast<std::int64_t>(bpe.tokens.size());
    const auto [known, is_new] = id_of_token.emplace(merged, next_id);
    if (is_new) bpe.tokens.push_back(merged);
    index.merge(pair, known->second);
    bpe.merges.push_back(pair);
  }
  return bpe;
}

}  // namespace pressroom
