#include "generate/sampling.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/number_text.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

void require_setting(bool holds, const char* option, const char* range, double got) {
  if (holds) return;
  throw Error(
      {std::string(option) + " is out of range", "", range, exact(got), "give one in that range"});
}

[[noreturn]] void refuse_logit(std::int64_t id, double logit) {
  throw Error({"the model gives a logit that is no finite number",
               "token " + std::to_string(id) + " of the vocabulary", "a finite number",
               exact(logit), "hold weights in float32 (--dtype), and check the model's files"});
}

}  // namespace

void check_sampling(const SamplingSettings& settings) {
  // Of what divides and multiplies logits: far beyond any sense, and no product is infinite.
  const double least = 1e-6;
  const double most = 1e6;
  const auto is_factor = [&](double value) { return value >= least && value <= most; };
  require_setting(settings.temperature == 0 || is_factor(settings.temperature), "--temperature",
                  "0, or 1e-6 .. 1e6; 0 takes the most probable token", settings.temperature);
  require_setting(settings.top_k >= 0, "--top-k", "0 or more; 0 keeps all",
                  static_cast<double>(settings.top_k));
  require_setting(settings.top_p > 0 && settings.top_p <= 1, "--top-p",
                  "above 0, at most 1; 1 keeps all", settings.top_p);
  require_setting(settings.min_p >= 0 && settings.min_p <= 1, "--min-p", "0 .. 1; 0 keeps all",
                  settings.min_p);
  require_setting(is_factor(settings.repetition_penalty), "--repetition-penalty",
                  "1e-6 .. 1e6; 1 is none", settings.repetition_penalty);
}

Sampler::Sampler(const SamplingSettings& settings, RandomKey key)
    : settings_(settings), key_(key.with("token")) {}

void Sampler::saw(std::int64_t id) {
  const auto place = static_cast<std::size_t>(id);
  if (place >= seen_.size()) seen_.resize(place + 1);
  seen_[place] = true;
}

double Sampler::penalised(const float* logits, std::int64_t id) const {
  const double logit = logits[id];
  if (!std::isfinite(logit)) refuse_logit(id, logit);
  const auto place = static_cast<std::size_t>(id);
  if (place >= seen_.size() || !seen_[place]) return logit;
  const double penalty = settings_.repetition_penalty;
  return logit > 0 ? logit / penalty : logit * penalty;
}

std::int64_t Sampler::largest(const float* logits, std::int64_t count) const {
  std::int64_t best = 0;
  double most = penalised(logits, 0);
  for (std::int64_t id = 1; id < count; ++id) {
    const double logit = penalised(logits, id);
    if (logit > most) {
      most = logit;
      best = id;
    }
  }
  return best;
}

void Sampler::keep_top_k() {
  const auto k = static_cast<std::size_t>(settings_.top_k);
  if (k == 0 || k >= kept_.size()) return;
  std::nth_element(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(k), kept_.end(),
                   RanksBefore());
  kept_.resize(k);
}

// Weights are the probabilities but for one factor, the largest of them 1.
double Sampler::weigh() {
  double most = kept_.front().score;
  for (const Candidate& candidate : kept_) most = std::max(most, candidate.score);
  double sum = 0;
  for (Candidate& candidate : kept_) sum += candidate.score = std::exp(candidate.score - most);
  return sum;
}

// By a heap: as a rule few of a vocabulary are taken out of it.
void Sampler::keep_top_p(double sum) {
  if (settings_.top_p >= 1) return;
  const auto ranks_behind = [](const Candidate& a, const Candidate& b) {
    return RanksBefore()(b, a);
  };
  std::make_heap(kept_.begin(), kept_.end(), ranks_behind);
  auto taken = kept_.end();  // the most probable ones gather at the end
  double weight = 0;
  while (taken != kept_.begin() && weight < settings_.top_p * sum) {
    std::pop_heap(kept_.begin(), taken, ranks_behind);
    --taken;
    weight += taken->score;
  }
  kept_.erase(kept_.begin(), taken);
}

void Sampler::keep_min_p() {
  if (settings_.min_p <= 0) return;
  const auto is_rare = [&](const Candidate& candidate) {
    return candidate.score < settings_.min_p;
  };
  kept_.erase(std::remove_if(kept_.begin(), kept_.end(), is_rare), kept_.end());
}

std::int64_t Sampler::draw() {
  const auto by_id = [](const Candidate& a, const Candidate& b) { return a.id < b.id; };
  if (!std::is_sorted(kept_.begin(), kept_.end(), by_id)) {
    std::sort(kept_.begin(), kept_.end(), by_id);
  }
  double sum = 0;
  for (const Candidate& candidate : kept_) sum += candidate.score;
  const double place = key_.with(draws_++).uniform() * sum;
  double passed = 0;
  for (const Candidate& candidate : kept_) {
    passed += candidate.score;
    if (passed > place) return candidate.id;
  }
  return kept_.back().id;
}

std::int64_t Sampler::next(const float* logits, std::int64_t count) {
  if (settings_.temperature == 0) return largest(logits, count);
  kept_.resize(static_cast<std::size_t>(count));
  for (std::int64_t id = 0; id < count; ++id) {
    kept_[static_cast<std::size_t>(id)] = {penalised(logits, id) / settings_.temperature, id};
  }
  keep_top_k();
  keep_top_p(weigh());
  keep_min_p();
  return draw();
}

}  // namespace pressroom
