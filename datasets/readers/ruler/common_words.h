// Common words: a numbered list in which ten words stand more often than all others, and the
// question which ones, after one example.
//
//   CommonWords sample(settings, RandomKey(42).with(7), words, 4096);
#pragma once

#include <vector>

#include "composition.h"
#include "pressroom/random.h"
#include "settings.h"
#include "texts.h"

namespace pressroom::ruler {

// A unit of haystack is a word of the list, however often it stands there.
class CommonWords final : public Sample {
 public:
  // `length`: of the document, in tokens; below 4,096 words stand less often. `words` outlives it.
  CommonWords(const Settings& settings, RandomKey key, const WordList& words, std::int64_t length);

  std::int64_t least_units() const override { return num_cw_ + 1; }
  std::int64_t most_units() const override;
  std::string units_of() const override { return words_.source().path; }
  Composition composed(std::int64_t units) override;

 private:
  // How often the common words and all others stand in a list.
  struct Times {
    std::int64_t common = 0;
    std::int64_t other = 0;
  };
  // A list of `units` words, from the `first` of the order on, and the question about it.
  void write(Composition& made, std::size_t first, std::int64_t units, const Times& times,
             RandomKey key) const;

  const WordList& words_;
  RandomKey key_;
  std::int64_t num_cw_;
  Times times_;
  std::vector<std::size_t> order_;  // of the words of the list, drawn
  std::size_t example_words_ = 0;   // the first of them; 0: there is no example
  std::string example_;
};

}  // namespace pressroom::ruler
