#include "results/reproduction.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "results/metric_names.h"

namespace pressroom {
namespace {

// Two documents of ten scored tokens at 2 nats each, and a value of every kind.
CellResult result() {
  CellResult result;
  for (const char* id : {"a@0", "b@0"}) {
    DocumentResult document;
    document.id = id;
    document.ids_sha256 = std::string("tokens of ") + id;
    document.targets = Targets::range(1, 10);
    document.sum_nll_nats = 20;
    document.kept_sha256 = std::string("kept of ") + id;
    result.documents.push_back(document);
  }
  result.metrics = {{"perplexity", 7.4, "1", Direction::kLowerIsBetter, ""},
                    {"tokens_per_second", 100, "tokens/s", Direction::kHigherIsBetter, ""},
                    {"latency", 3, "ms", Direction::kLowerIsBetter, ""},
                    {metric_names::kProcessPeakBytes, 9e8, "bytes", Direction::kNeither, ""},
                    {"undefined", std::nan(""), "1", Direction::kNeither, ""}};
  return result;
}

TEST(Reproduction, TellsEqualFromRoundingFromDifferent) {
  const struct {
    const char* name;
    std::function<void(CellResult&)> change;
    Agreement agreement;
    const char* text;
  } cases[] = {
      {"nothing", [](CellResult&) {}, Agreement::kEqual, "equal to the bit"},
      {"times, rates and the memory of the process",
       [](CellResult& again) {
         again.seconds = 5;
         for (const std::size_t i : {1U, 2U, 3U}) again.metrics[i].value *= 2;
       },
       Agreement::kEqual, "equal to the bit"},
      {"the nll of a document by 3e-5 nats a token",
       [](CellResult& again) { again.documents[1].sum_nll_nats += 3e-4; },
       Agreement::kWithinRounding, "equal within rounding: nll by 3e-05 nats a token"},
      {"the nll of a document by 2e-4 nats a token",
       [](CellResult& again) { again.documents[1].sum_nll_nats += 2e-3; }, Agreement::kDifferent,
       "different: nll by 0.0002 nats a token"},
      {"an nll that is not finite",
       [](CellResult& again) { again.documents[0].sum_nll_nats = HUGE_VAL; }, Agreement::kDifferent,
       "different: nll by inf nats a token"},
      {"a value by 5e-5 of it", [](CellResult& again) { again.metrics[0].value *= 1 + 5e-5; },
       Agreement::kWithinRounding, "equal within rounding: perplexity by 5e-05 of its value"},
      {"a value by 1 %", [](CellResult& again) { again.metrics[0].value *= 1.01; },
       Agreement::kDifferent, "different: perplexity by 0.01 of its value"},
      {"a value that was undefined", [](CellResult& again) { again.metrics[4].value = 1; },
       Agreement::kDifferent, "different: undefined by nan"},
      {"kept entries, and a little of the nll",
       [](CellResult& again) {
         again.documents[0].kept_sha256 = "others";
         again.documents[0].sum_nll_nats += 1e-4;
       },
       Agreement::kDifferent, "different: other entries are kept in 1 of 2 documents"},
      {"tokens", [](CellResult& again) { again.documents[0].ids_sha256 = "others"; },
       Agreement::kDifferent, "different: other tokens are scored in 1 of 2 documents"},
      {"targets", [](CellResult& again) { again.documents[0].targets = Targets::range(2, 10); },
       Agreement::kDifferent, "different: other tokens are scored in 1 of 2 documents"},
      {"right answers", [](CellResult& again) { again.documents[1].right_answers = 1; },
       Agreement::kDifferent, "different: other answers are right in 1 of 2 documents"},
      {"a document less", [](CellResult& again) { again.documents.pop_back(); },
       Agreement::kDifferent, "different: 1 documents instead of 2"},
      {"a value less", [](CellResult& again) { again.metrics.erase(again.metrics.begin()); },
       Agreement::kDifferent, "different: no value of perplexity"},
      {"an error",
       [](CellResult& again) {
         again = CellResult();
         again.error = "out of memory\n  do: more";
       },
       Agreement::kDifferent, "different: it fails here: out of memory"}};
  for (const auto& c : cases) {
    CellResult again = result();
    c.change(again);
    const Reproduction found = compare_with_stored(result(), again);
    EXPECT_EQ(found.agreement, c.agreement) << c.name;
    EXPECT_EQ(found.text(), c.text) << c.name;
  }
}

TEST(Reproduction, OfTwoRoundingsTheLargerIsTold) {
  CellResult again = result();
  again.documents[0].sum_nll_nats += 5e-4;
  again.metrics[0].value *= 1 + 1e-6;
  const Reproduction found = compare_with_stored(result(), again);
  EXPECT_EQ(found.agreement, Agreement::kWithinRounding);
  EXPECT_NEAR(found.difference, 5e-5, 1e-12);
  EXPECT_EQ(found.what, "nll by 5e-05 nats a token");
}

TEST(Reproduction, WhatFailedBeforeHasToFailAgain) {
  CellResult failed;
  failed.error = "killed by signal 11 in process 4711";
  CellResult again;
  again.error = "killed by signal 11 in process 4712";
  EXPECT_EQ(compare_with_stored(failed, again).agreement, Agreement::kEqual);
  EXPECT_EQ(compare_with_stored(failed, result()).text(),
            "different: it failed before, and does not here");
}

}  // namespace
}  // namespace pressroom
