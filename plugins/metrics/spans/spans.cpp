#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "evidence.h"
#include "held_column.h"
#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct Spans final : Declared<Spans, Metric> {
  std::string by;
  double threshold = 0;
  std::vector<double> at;

  static Declaration<Spans> declare() {
    return Declaration<Spans>(
               "share of named spans' entries that is still held, and the nll of what needs them")
        .parameter(&Spans::by, string("by", "model", "what shares are told of, beside the whole")
                                   .one_of({"model", "layer", "head"}))
        .parameter(&Spans::threshold,
                   number("threshold", 0.5,
                          "evidence of which at least this share is there counts as held")
                       .at_least(0)
                       .at_most(1))
        .parameter(&Spans::at, number_list("at", {},
                                           "fractions of a document's tokens: shares held once so "
                                           "much of it was fed")
                                   .at_least(0)
                                   .at_most(1));
  }

  MeasurementNeeds needs() const override {
    MeasurementNeeds needs;
    needs.lifetimes = true;
    return needs;
  }

  std::unique_ptr<MetricCollector> make_collector() const override;
};

class SpansCollector final : public MetricCollector {
 public:
  explicit SpansCollector(const Spans& metric) : metric_(metric), evidence_(metric.threshold) {}

  void observe(const DocumentMeasurements& document) override {
    if (document.lifetimes.last_seen_by.empty() && !document.lifetimes.spans.empty()) {
      throw Error(
          {"the lifetimes of entries are missing", document.document_id,
           "a protocol under which entries leave, and one cache for a document's questions", "none",
           "leave spans out of \"metrics\", or take another protocol: under questions query: "
           "after with continuation: grow, or asked: turns"});
    }
    for (const SpanTokens& span : document.lifetimes.spans) {
      if (span.begin < span.end) add_span(document, span);
    }
    ++documents_;
    evidence_.observe(document);
  }

  std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
    if (names_.empty()) {
      throw Error({"spans has nothing to look at", "",
                   "documents that name spans, as those of the recall reader",
                   "a dataset that names none",
                   "take a dataset of tasks, or leave spans out of \"metrics\""});
    }
    const auto by = metric_.by == "layer"  ? span_metric::By::kLayer
                    : metric_.by == "head" ? span_metric::By::kHead
                                           : span_metric::By::kModel;
    std::vector<MetricValue> values;
    for (const std::string& name : names_) {
      columns_.at(name).add_values(name, by, documents_, values);
    }
    evidence_.add_values(values);
    return values;
  }

 private:
  void add_span(const DocumentMeasurements& document, const SpanTokens& span) {
    const EntryLifetimes& lifetimes = document.lifetimes;
    const std::string name = "held_" + span.name;
    add(name, "when its answer is asked for",
        held_entries(lifetimes, span.begin, span.end, when_asked(document, span)));
    add(name + ".end", "at the end",
        held_entries(lifetimes, span.begin, span.end, EntryLifetimes::kNeverLeaves));
    const auto tokens = static_cast<double>(lifetimes.last_seen_by.at(0).at(0).size());
    for (const double fraction : metric_.at) {
      std::array<char, 32> digits = {};
      const std::string text(
          digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), fraction).ptr);
      // As far as the span has been fed by then: of a later token there is nothing to hold yet.
      const auto fed = static_cast<std::int64_t>(std::ceil(fraction * tokens));
      add(name + "_at" + text, "once " + text + " of the document is fed",
          held_entries(lifetimes, span.begin, std::clamp(fed, span.begin, span.end), fed - 1));
    }
  }

  // That of its answer; of a span of no answer, the first one behind it; without any, the end.
  static std::int64_t when_asked(const DocumentMeasurements& document, const SpanTokens& span) {
    if (span.answer >= 0) return asked_at(document, static_cast<std::size_t>(span.answer));
    for (std::size_t i = 0; i < document.answers.size(); ++i) {
      const std::int64_t asked = asked_at(document, i);
      if (asked >= span.end - 1) return asked;
    }
    return EntryLifetimes::kNeverLeaves;
  }

  void add(const std::string& name, const std::string& when, const HeldEntries& held) {
    const auto [found, is_new] = columns_.try_emplace(name);
    if (is_new) names_.push_back(name);
    found->second.add(documents_, when, held);
  }

  const Spans& metric_;
  std::size_t documents_ = 0;
  std::map<std::string, span_metric::HeldColumn> columns_;
  std::vector<std::string> names_;  // of the columns: as the spans came
  span_metric::Evidence evidence_;
};

std::unique_ptr<MetricCollector> Spans::make_collector() const {
  return std::make_unique<SpansCollector>(*this);
}

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Spans, "spans", "1.0.0")
