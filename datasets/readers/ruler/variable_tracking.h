// Variable tracking: chains of assignments in a haystack, and the question which variables have a
// chain's value, after one example.
//
//   VariableTracking sample(settings, RandomKey(42).with(7), nullptr, 4096, count_tokens);
#pragma once

#include <string>
#include <vector>

#include "haystack.h"
#include "settings.h"

namespace pressroom::ruler {

// A problem without an example: "VAR QWXFB = 31415", "VAR HJKLM = VAR QWXFB", ...
class Chains final : public Sample {
 public:
  // `letters`: of a variable. `prose` is null for noise, and outlives it.
  Chains(std::int64_t chains, std::int64_t hops, std::size_t letters, std::int64_t questions,
         RandomKey key, const Prose* prose);

  std::int64_t least_units() const override;
  std::int64_t most_units() const override;
  std::string units_of() const override;
  Composition composed(std::int64_t units) override;
  void write(Composition& made, std::int64_t units) const;

 private:
  struct Chain {
    std::string value;
    std::vector<std::string> variables;  // each assigned the one before it
  };
  std::vector<Hidden> statements() const;

  std::vector<Chain> chains_;
  std::vector<std::size_t> asked_;  // chains
  std::vector<std::size_t> order_;  // whose statement stands at each place
  RandomKey key_;
  const Prose* prose_;
};

class VariableTracking final : public Sample {
 public:
  // `length`: of the document. From 4,096 tokens on the example has up to 500 of them; in shorter
  // documents, 5 lines of haystack, or 50 words.
  VariableTracking(const Settings& settings, RandomKey key, const Prose* prose, std::int64_t length,
                   const CountTokens& count);

  std::int64_t least_units() const override { return problem_.least_units(); }
  std::int64_t most_units() const override { return problem_.most_units(); }
  std::string units_of() const override { return problem_.units_of(); }
  Composition composed(std::int64_t units) override;

 private:
  std::string example_;  // "": none
  Chains problem_;
};

}  // namespace pressroom::ruler
