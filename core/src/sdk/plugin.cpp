// What the SDK's interfaces need once: destructors, which anchor each class's type information in
// this library, and the defaults of optional overrides.
#include "pressroom/plugin.h"

#include "pressroom/error.h"

namespace pressroom {
namespace {

[[noreturn]] void missing_override(const std::string& function, const std::string& ranking) {
  throw Error({"the policy has no " + function, "",
               "an override of Policy::" + function + ", because the plan names " + ranking,
               "a policy without one",
               "override " + function + ", or choose another ranking in Method::plan"});
}

}  // namespace

const char* to_string(Positions positions) {
  return positions == Positions::kOriginal ? "original" : "cache_index";
}

const char* to_string(Quantity quantity) {
  switch (quantity) {
    case Quantity::kPositions:
      return "positions";
    case Quantity::kTokenIds:
      return "token ids";
    case Quantity::kKeys:
      return "keys";
    case Quantity::kValues:
      return "values";
    case Quantity::kSignal:
      return "attention statistic";
    case Quantity::kBirthScores:
      return "birth scores";
    case Quantity::kKeysBeforeRope:
      return "keys before rotation";
    case Quantity::kQueries:
      return "queries";
    case Quantity::kQueriesBeforeRope:
      return "queries before rotation";
    case Quantity::kMeanQuery:
      return "mean query";
    case Quantity::kQueryCovariance:
      return "covariance of queries";
    case Quantity::kAttentionInputs:
      return "attention inputs";
    case Quantity::kOutputProjection:
      return "W_O";
  }
  return "";
}

bool has_row_per_entry(Quantity quantity) {
  switch (quantity) {
    case Quantity::kQueries:
    case Quantity::kQueriesBeforeRope:
    case Quantity::kMeanQuery:
    case Quantity::kQueryCovariance:
    case Quantity::kOutputProjection:
      return false;
    case Quantity::kPositions:
    case Quantity::kTokenIds:
    case Quantity::kKeys:
    case Quantity::kValues:
    case Quantity::kSignal:
    case Quantity::kBirthScores:
    case Quantity::kKeysBeforeRope:
    case Quantity::kAttentionInputs:
      return true;
  }
  return true;
}

Plugin::~Plugin() = default;
void Plugin::configure(const Parameters&) {}

HeadView::~HeadView() = default;
LayerView::~LayerView() = default;
EntriesView::~EntriesView() = default;

Policy::~Policy() = default;

at::Tensor Policy::birth_scores(const EntriesView&) {
  missing_override("birth_scores", "birth score (Ranking::kBirthScore)");
}

at::Tensor Policy::score(const HeadView&) {
  missing_override("score", "a score on demand (Ranking::kScore)");
}

std::vector<at::Tensor> Policy::score_layer(const LayerView&) {
  missing_override("score_layer", "scores on demand of coupled heads (Ranking::kScore)");
}

at::Tensor Policy::keep(const HeadView&) {
  missing_override("keep", "the policy's own decision (Ranking::kKeep)");
}

std::vector<at::Tensor> Policy::keep_layer(const LayerView&) {
  missing_override("keep_layer", "the policy's own decision for coupled heads (Ranking::kKeep)");
}

std::vector<at::Tensor> Policy::ranked_by() const { return {}; }

at::Tensor Policy::zeroed_channels(const HeadView&) {
  missing_override("zeroed_channels", "nothing but EvictionPlan::zeroes_channels");
}

Vocabulary::~Vocabulary() = default;

Method::~Method() = default;
void Method::bind(const ModelContext&) {}
std::vector<std::string> Method::files() const { return {}; }

bool Policy::keeps_state() const { return true; }

std::unique_ptr<Policy> Method::make_policy(const PolicyContext&) const {
  struct NeverAsked final : Policy {
    bool keeps_state() const override { return false; }
  };
  return std::make_unique<NeverAsked>();
}

DatasetReader::~DatasetReader() = default;
void DatasetReader::prepare(const ReadingContext&) {}
std::vector<SourceFile> DatasetReader::sources() const { return {}; }
MetricCollector::~MetricCollector() = default;
Metric::~Metric() = default;
MeasurementNeeds Metric::needs() const { return {}; }
std::vector<std::int64_t> Metric::wanted_logits(const DocumentTokens&) const { return {}; }

}  // namespace pressroom
