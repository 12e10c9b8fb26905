// What the metric `spans` says of answers whose evidence is named: how much of it was held when
// they were asked for, and their nll, apart for those that had it and those that had not.
//
//   evidence.observe(document);
//   evidence.add_values(values);
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "pressroom/held_spans.h"
#include "pressroom/metric.h"

namespace pressroom::span_metric {

class Evidence {
 public:
  // `threshold`: evidence of which at least this share is there counts as held.
  explicit Evidence(double threshold) : threshold_(threshold) {}

  void observe(const DocumentMeasurements& document) {
    Sums sums;
    std::vector<double>& shares = shares_.emplace_back();
    for (std::size_t i = 0; i < document.answers.size(); ++i) {
      const HeldEntries held = held_evidence(document, i);
      if (held.entries == 0) continue;
      shares.push_back(held.share());
      sums.add_answer(shares.back(), shares.back() >= threshold_);
      Nll& nll = shares.back() >= threshold_ ? sums.held : sums.lost;
      for (std::int64_t t = document.answers[i].begin; t < document.answers[i].end; ++t) {
        nll.nats += document.nll_nats.at(static_cast<std::size_t>(t));
        nll.tokens += 1;
      }
    }
    tells_every_answer_ = tells_every_answer_ && shares.size() == document.answers.size();
    all_.add(sums);
    documents_.push_back(sums);
  }

  // None where no answer has evidence.
  void add_values(std::vector<MetricValue>& values) const {
    if (all_.answers == 0) return;
    add(
        "evidence_held", "1", Direction::kNeither,
        "when it is asked for, mean over answers with evidence",
        [](const Sums& of) { return ratio(of.share, of.answers); }, values);
    if (tells_every_answer_) values.back().answers = shares_;
    add(
        "answers_with_evidence", "1", Direction::kNeither, "mean over answers with evidence",
        [](const Sums& of) { return ratio(of.held_answers, of.answers); }, values);
    add(
        "answer_nll_evidence_held", "nats/token", Direction::kLowerIsBetter,
        "mean over tokens of such answers",
        [](const Sums& of) { return ratio(of.held.nats, of.held.tokens); }, values);
    add(
        "answer_nll_evidence_lost", "nats/token", Direction::kLowerIsBetter,
        "mean over tokens of such answers",
        [](const Sums& of) { return ratio(of.lost.nats, of.lost.tokens); }, values);
  }

 private:
  struct Nll {
    double nats = 0;
    double tokens = 0;
  };

  // Over the answers with evidence of the cell, or of one document.
  struct Sums {
    double answers = 0, share = 0, held_answers = 0;
    Nll held, lost;  // of answers whose evidence was held, and of the others

    void add_answer(double share_held, bool is_held) {
      answers += 1;
      share += share_held;
      held_answers += is_held ? 1 : 0;
    }
    void add(const Sums& other) {
      answers += other.answers;
      share += other.share;
      held_answers += other.held_answers;
      held.nats += other.held.nats;
      held.tokens += other.held.tokens;
      lost.nats += other.lost.nats;
      lost.tokens += other.lost.tokens;
    }
  };

  static std::optional<double> ratio(double sum, double count) {
    return count > 0 ? std::optional(sum / count) : std::nullopt;
  }

  // Where there is no such answer in the cell there is no mean, and no value.
  template <typename Mean>
  void add(const char* name, const char* unit, Direction direction, const char* pooled,
           const Mean& mean, std::vector<MetricValue>& values) const {
    const std::optional<double> of_cell = mean(all_);
    if (!of_cell) return;
    values.push_back({name, *of_cell, unit, direction, pooled});
    for (const Sums& of_document : documents_) values.back().documents.push_back(mean(of_document));
  }

  double threshold_;
  Sums all_;
  std::vector<Sums> documents_;
  std::vector<std::vector<double>> shares_;  // held, of each answer with evidence of each document
  bool tells_every_answer_ = true;           // all answers have evidence
};

}  // namespace pressroom::span_metric
