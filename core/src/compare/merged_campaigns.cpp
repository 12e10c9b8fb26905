#include "compare/merged_campaigns.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/strings.h"
#include "pressroom/error.h"
#include "stats/significance.h"
#include "stats/t_tests.h"

namespace pressroom {
namespace {

const Origin& origin_of(const MergedCampaigns& merged, const std::string& label) {
  const auto found = std::find_if(merged.origins.begin(), merged.origins.end(),
                                  [&label](const Origin& origin) { return origin.label == label; });
  PRESSROOM_ASSERT(found != merged.origins.end());
  return *found;
}

// Whether the baseline was run at the sparsity of the other side, and not at another alone.
bool at_equal_sparsity(const MergedCampaigns& merged, const std::string& baseline,
                       const Comparison& c) {
  return std::any_of(merged.results.begin(), merged.results.end(), [&](const CellResult& result) {
    const Cell& cell = result.cell;
    return cell.method == baseline && cell.sparsity == c.sparsity && cell.dataset == c.dataset &&
           cell.context_tokens == c.context_tokens;
  });
}

// Adjusts anew a family whose members were adjusted in another one.
void adjust(Family& family, const ComparisonReport& report) {
  family.adjust();
  // Holm's first step divides by the size of the family, and that has changed.
  const double level =
      kSignificanceLevel / static_cast<double>(std::max<std::size_t>(1, family.tests()));
  for (Comparison& c : family.comparisons) {
    if (c.more.documents_needed) {
      c.more.documents_needed =
          documents_needed(c.test.sd, bound_of(c.judge, report.margin_of(c.judge)), level);
    }
    if (c.questions) c.questions->plan(report.margin_of(c.judge), family.question_tests());
  }
}

// To the last bit, or apart by no more than two engines are: rounding is nothing to test.
bool is_identical(const Comparison& c) {
  return c.status == ComparisonStatus::kDeterministic && c.nll().mean == 0 && c.nll().sd == 0;
}

// A result that two campaigns have is one: no test of the rounding between them.
void take_for_one(Comparison& c) {
  const bool has_numbers =
      c.status == ComparisonStatus::kTested || c.status == ComparisonStatus::kDeterministic;
  if (!c.equal || !has_numbers || is_identical(c)) return;
  c.status = ComparisonStatus::kEqual;
  c.reason = "the same was kept, and no mean nll is 0.0001 nats apart";
  // A p of rounding would count towards the size of the family and cost the others power.
  for (PairedTest* test : {&c.test, &c.nll_test}) {
    test->t.reset();
    test->p.reset();
    test->ci95.reset();
  }
  c.more = PairTests();
  c.questions.reset();
}

// What is in a later campaign as it is in an earlier one.
class Copies {
 public:
  explicit Copies(const Family& changes) {
    for (const Comparison& c : changes.comparisons) {
      const bool equal = c.status == ComparisonStatus::kEqual;
      if (equal || is_identical(c)) copies_.emplace(key(c.second, c), Original{c.first, equal});
    }
  }

  bool have_side_of(const Comparison& c) const {
    return copies_.count(key(c.first, c)) > 0 || copies_.count(key(c.second, c)) > 0;
  }

  std::vector<std::string> notes() const {
    std::map<std::string, Original> originals;
    for (const auto& [key, original] : copies_) {
      Original& known = originals.emplace(std::get<0>(key), original).first->second;
      known.rounded = known.rounded || original.rounded;
    }
    std::vector<std::string> notes;
    for (const auto& [copy, original] : originals) {
      const std::string how = original.rounded ? " but for rounding (0.0001 nats a token)" : "";
      notes.push_back("what is identical in " + copy + " and " + original.label + how +
                      " is tested once, as " + original.label + ".");
    }
    return notes;
  }

 private:
  using Key = std::tuple<std::string, double, std::string, std::int64_t>;
  struct Original {
    std::string label;
    bool rounded = false;  // identical but for rounding
  };

  static Key key(const std::string& label, const Comparison& c) {
    return {label, c.sparsity, c.dataset, c.context_tokens};
  }

  std::map<Key, Original> copies_;
};

}  // namespace

std::string MergedCampaigns::label_of(const std::string& word) const {
  std::vector<std::string> labels;
  for (const Origin& origin : origins) {
    if (origin.label == word) return word;
    labels.push_back(origin.label);
  }
  for (const Origin& origin : origins) {
    if (origin.method == word) return origin.label;
  }
  const std::string near = closest_match(word, labels);
  throw Error({"no campaign ran this method", "", joined(labels), word,
               near.empty() ? "choose one of these" : "did you mean \"" + near + "\"?"});
}

MergedReport compare(const MergedCampaigns& merged, const CompareOptions& options) {
  MergedReport both;
  both.report = compare(merged.results, options);
  if (merged.names.size() < 2) return both;
  const std::string where = ", " + joined(merged.names);
  Family& pairwise = both.report.pairwise;
  const std::optional<Measure>& measure = both.report.measure;
  const std::string of = measure ? measure->name + ": " : "";
  both.report.to_baseline.name =
      of + "all methods x sparsities x datasets x contexts against " + options.baseline + where;
  both.changes.name = of + "each method in one campaign and in another, at equal sparsity" + where;
  pairwise.name =
      of + "all pairs of different methods at equal sparsity x datasets x contexts" + where;

  const auto is_change = [&merged](const Comparison& c) {
    return origin_of(merged, c.first).method == origin_of(merged, c.second).method;
  };
  // The baseline is of one campaign, and its namesake in another is among its comparisons.
  for (const Comparison& c : both.report.to_baseline.comparisons) {
    if (is_change(c) && at_equal_sparsity(merged, options.baseline, c)) {
      both.changes.comparisons.push_back(c);
    }
  }
  std::vector<Comparison> others;
  for (Comparison& c : pairwise.comparisons) {
    (is_change(c) ? both.changes.comparisons : others).push_back(std::move(c));
  }
  pairwise.comparisons = std::move(others);
  for (Comparison& c : both.changes.comparisons) take_for_one(c);
  for (Comparison& c : both.report.to_baseline.comparisons) {
    if (is_change(c)) take_for_one(c);
  }

  const Copies copies(both.changes);
  both.notes = copies.notes();
  for (Family* family : {&both.report.to_baseline, &pairwise}) {
    std::vector<Comparison>& all = family->comparisons;
    const auto is_copy = [&](const Comparison& c) {
      // A copy tested again makes the family larger for nothing; the change itself stays, as it
      // says that there is a copy.
      return !is_change(c) && copies.have_side_of(c);
    };
    all.erase(std::remove_if(all.begin(), all.end(), is_copy), all.end());
    adjust(*family, both.report);
  }
  adjust(both.changes, both.report);
  return both;
}

}  // namespace pressroom
