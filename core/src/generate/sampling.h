// The next token out of a row of logits: the most probable one, or a draw.
//
//   Sampler sampler({0.8, 40, 0.95}, RandomKey(42));   // temperature, top-k, top-p
//   for (const std::int64_t id : prompt) sampler.saw(id);
//   const std::int64_t id = sampler.next(logits, vocabulary);
//   sampler.saw(id);
//
// In this order, of logits l of the tokens of the vocabulary:
//
//   1. repetition penalty p    l / p where l > 0, else l * p, of each token that was seen
//   2. temperature 0           the token of the largest l; nothing below is looked at
//      temperature T           l / T
//   3. top-k                   the k largest stay
//   4. softmax of what stays   in double precision
//   5. top-p                   the fewest most probable tokens whose probabilities add up to p or
//                              more stay, one at least
//   6. min-p                   tokens of at least min-p times the largest probability stay
//   7. the draw                the first token, by ascending id, at which the sum of probabilities
//                              of what stays, scaled to 1, is above u
//
// Of equal logits the one of the lower id is the larger. The n-th draw, from 0, has u =
// key.with("token").with(n).uniform(): nothing but the seed and the place decides, so one seed
// gives one text, on every machine whose logits are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pressroom/random.h"

namespace pressroom {

struct SamplingSettings {
  double temperature = 0;         // 0: the largest logit
  std::int64_t top_k = 0;         // 0: all
  double top_p = 1;               // in (0, 1]; 1: all
  double min_p = 0;               // in [0, 1]; 0: all
  double repetition_penalty = 1;  // above 0; 1: none
};

// Throws Error, naming the option of the command line, for a setting out of its range.
void check_sampling(const SamplingSettings& settings);

class Sampler {
 public:
  // `settings` passed check_sampling().
  Sampler(const SamplingSettings& settings, RandomKey key);

  // `id` is part of the text: what the repetition penalty looks at.
  void saw(std::int64_t id);

  // The token after a row of `count` logits. Throws Error where one is not finite. Allocates
  // nothing after the first call of a count.
  std::int64_t next(const float* logits, std::int64_t count);

 private:
  struct Candidate {
    double score;  // logit, penalised and over the temperature; from the softmax on: exp
    std::int64_t id;
  };
  struct RanksBefore {
    bool operator()(const Candidate& a, const Candidate& b) const {
      return a.score != b.score ? a.score > b.score : a.id < b.id;
    }
  };

  double penalised(const float* logits, std::int64_t id) const;
  std::int64_t largest(const float* logits, std::int64_t count) const;
  void keep_top_k();
  double weigh();  // returns the sum of all weights
  void keep_top_p(double sum);
  void keep_min_p();
  std::int64_t draw();

  SamplingSettings settings_;
  RandomKey key_;
  std::uint64_t draws_ = 0;
  std::vector<bool> seen_;       // by id
  std::vector<Candidate> kept_;  // by ascending id but while they are ranked
};

}  // namespace pressroom
