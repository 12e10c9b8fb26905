// The eight needle settings: sentences "One of the special magic numbers for KEY is: VALUE." in a
// haystack, and questions about some of the keys.
//
//   Needles sample(settings, RandomKey(42).with(7), {&words, &prose});
//   sample.composed(500);
#pragma once

#include <set>
#include <string>
#include <vector>

#include "haystack.h"
#include "settings.h"

namespace pressroom::ruler {

// The texts that a task draws from; null where it has no use for one.
struct Sources {
  const WordList* words = nullptr;
  const Prose* prose = nullptr;
};

class Needles final : public Sample {
 public:
  // `settings` and `sources` outlive it.
  Needles(const Settings& settings, RandomKey key, const Sources& sources);

  std::int64_t least_units() const override;
  std::int64_t most_units() const override;
  std::string units_of() const override;
  Composition composed(std::int64_t units) override;

 private:
  struct Needle {
    std::size_t key = 0;  // an index into keys_
    std::string value;
  };
  std::string drawn(const std::string& type, RandomKey key);
  std::string sentence(const std::string& key, const std::string& value) const;
  Haystack haystack(std::int64_t units);
  std::int64_t answer_about(std::size_t key) const;
  void ask(Composition& made, std::int64_t question) const;

  const Settings& settings_;
  RandomKey key_;
  Sources sources_;
  std::set<std::string> taken_;  // keys and values, of distractors too
  std::vector<std::string> keys_;
  std::vector<Needle> needles_;           // in the order in which they stand in the text
  std::vector<std::size_t> asked_;        // keys, num_needle_q of them for each question
  std::vector<std::string> distractors_;  // sentences, as many as were needed so far
};

}  // namespace pressroom::ruler
