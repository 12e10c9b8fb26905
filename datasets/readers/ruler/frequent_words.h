// Frequent words: coded words whose frequencies follow a zeta law, and the question which three are
// the most frequent. Of n words, the one of rank k stands floor(n k^-alpha / zeta(alpha)) times;
// that of rank 1 is "...", which the question says to ignore.
//
//   FrequentWords sample(settings, RandomKey(42).with(7), 4096);
#pragma once

#include <string>
#include <vector>

#include "composition.h"
#include "pressroom/random.h"
#include "settings.h"

namespace pressroom::ruler {

// A unit of haystack is one more of the n.
class FrequentWords final : public Sample {
 public:
  // `length`: of the document, in tokens; a fiftieth of it is the number of coded words, unless
  // the settings say one.
  FrequentWords(const Settings& settings, RandomKey key, std::int64_t length);

  // From here on the four most frequent coded words differ in frequency.
  std::int64_t least_units() const override { return least_; }
  Composition composed(std::int64_t units) override;

 private:
  // Of the word of that rank, from 1.
  std::int64_t frequency(std::size_t rank, std::int64_t units) const;

  RandomKey key_;
  std::vector<std::string> words_;  // by rank
  std::vector<double> shares_;      // of each: k^-alpha / zeta(alpha)
  std::int64_t least_ = 0;
};

}  // namespace pressroom::ruler
