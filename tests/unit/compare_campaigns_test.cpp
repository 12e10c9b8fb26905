// Campaigns on disk, read back and compared: what differs, by how much, and in which words.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <iostream>

#include "campaign_writer.h"
#include "compare/merged_campaigns.h"
#include "pressroom/error.h"
#include "report/comparison/comparison_formats.h"
#include "result_builder.h"
#include "scratch_folder.h"
#include "stats/verdict.h"

namespace pressroom::compare_campaigns_test {
namespace {

constexpr std::size_t kDocuments = 24;

// Scattered and the same everywhere: multiples of the golden section, between -1 and 1.
double scatter(std::size_t i) {
  const double turns = static_cast<double>(i + 1) * 0.6180339887498949;
  return 2 * (turns - std::floor(turns)) - 1;
}

std::vector<double> nlls(double start, double spread, std::size_t phase) {
  std::vector<double> values;
  for (std::size_t i = 0; i < kDocuments; ++i) {
    values.push_back(start + 0.3 * scatter(i) + spread * scatter(i + phase));
  }
  return values;
}

CellResult measured_cell(const std::string& method, double sparsity,
                         const std::vector<double>& values, std::uint64_t seed = 42) {
  CellResult cell = made_cell(method, sparsity, seed, values);
  add_metric(cell, "kept_ratio", 1 - sparsity);
  return cell;
}

// dense, and h2o that is `worse` nats from what it is by default, with some scatter.
std::vector<CellResult> campaign(double worse, double spread = 0) {
  std::vector<double> h2o = nlls(2.6, 0.02, 5);
  double centre = 0;
  for (std::size_t i = 0; i < kDocuments; ++i) centre += scatter(i + 11) / double(kDocuments);
  for (std::size_t i = 0; i < kDocuments; ++i) {
    h2o[i] += worse + spread * (scatter(i + 11) - centre);
  }
  return {measured_cell("dense", 0, nlls(2.5, 0, 0)), measured_cell("h2o", 0.5, h2o)};
}

// Campaigns A, B, ... in one folder.
class Campaigns {
 public:
  explicit Campaigns(const std::vector<std::vector<CellResult>>& campaigns) {
    char name = 'A';
    for (const std::vector<CellResult>& results : campaigns) {
      const std::filesystem::path directory = folder_.path() / std::string(1, name++);
      write_campaign(directory, "made", results);
      read_.push_back(read_campaign(directory));
    }
  }
  const std::vector<StoredCampaign>& read() const { return read_; }
  const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  ScratchFolder folder_;
  std::vector<StoredCampaign> read_;
};

MergedReport compared(const MergedCampaigns& merged, const std::string& baseline = "dense") {
  CompareOptions options;
  options.baseline = merged.label_of(baseline);
  return compare(merged, options);
}

std::vector<std::string> names_of(const Family& family) {
  std::vector<std::string> names;
  for (const Comparison& c : family.comparisons) names.push_back(c.name);
  return names;
}

std::string verdict_on(const MergedReport& report, const std::string& name) {
  for (const Comparison& c : report.changes.comparisons) {
    if (c.name == name) return verdict(c, report.report.margin);
  }
  return "not compared";
}

std::vector<Problem> refusal_of(const std::vector<StoredCampaign>& campaigns) {
  try {
    merge_campaigns(campaigns);
  } catch (const Error& error) {
    return error.problems();
  }
  return {};
}

bool says(const std::vector<std::string>& notes, const std::string& words) {
  for (const std::string& note : notes) {
    if (note.find(words) != std::string::npos) return true;
  }
  return false;
}

TEST(CompareCampaigns, APlantedDifferenceOfOnePercentIsFoundAndNamed) {
  const Campaigns both({campaign(0), campaign(std::log(1.01), 0.004)});
  const MergedReport report = compared(merge_campaigns(both.read()));
  const std::string words = verdict_on(report, "h2o [A]_vs_h2o [B]_s0.5");
  std::cout << "planted 1 %: " << words << "\n";
  EXPECT_EQ(words.rfind("worse by 1.00 % +- ", 0), 0u) << words;
  EXPECT_EQ(verdict_on(report, "dense [A]_vs_dense [B]_s0.0"), "identical");
}

TEST(CompareCampaigns, NoDifferenceIsEquivalentOrIdenticalNeverWorse) {
  const Campaigns noisy({campaign(0), campaign(0, 0.004)});
  const std::string words =
      verdict_on(compared(merge_campaigns(noisy.read())), "h2o [A]_vs_h2o [B]_s0.5");
  std::cout << "planted 0 %: " << words << "\n";
  EXPECT_EQ(words, "equivalent within 1 %");

  const Campaigns equal({campaign(0), campaign(0)});
  const MergedReport report = compared(merge_campaigns(equal.read()));
  EXPECT_EQ(verdict_on(report, "h2o [A]_vs_h2o [B]_s0.5"), "identical");
  for (const Comparison& c : report.changes.comparisons) EXPECT_FALSE(c.p_holm) << c.name;
  EXPECT_TRUE(report.report.findings.empty());
}

TEST(CompareCampaigns, MakesThreeFamiliesEachAdjustedByItself) {
  std::vector<CellResult> first = campaign(0);
  std::vector<CellResult> second = campaign(0.01, 0.02);
  first.push_back(measured_cell("cab", 0.5, nlls(2.55, 0.03, 7)));
  second.push_back(measured_cell("cab", 0.5, nlls(2.56, 0.05, 9)));
  second.push_back(measured_cell("tova", 0.5, nlls(2.57, 0.03, 3)));
  const Campaigns both({first, second});
  const MergedReport report = compared(merge_campaigns(both.read()));
  EXPECT_EQ(names_of(report.report.to_baseline),
            (std::vector<std::string>{"dense [A]_vs_dense [B]_s0.0", "dense [A]_vs_h2o [A]_s0.5",
                                      "dense [A]_vs_cab [A]_s0.5", "dense [A]_vs_h2o [B]_s0.5",
                                      "dense [A]_vs_cab [B]_s0.5", "dense [A]_vs_tova_s0.5"}));
  EXPECT_EQ(names_of(report.changes),
            (std::vector<std::string>{"dense [A]_vs_dense [B]_s0.0", "h2o [A]_vs_h2o [B]_s0.5",
                                      "cab [A]_vs_cab [B]_s0.5"}));
  EXPECT_EQ(report.report.pairwise.comparisons.size(), 8u);  // of 10 pairs two are changes
  EXPECT_EQ(report.changes.tests(), 2u);
  const Comparison& h2o = report.changes.comparisons[1];
  const Comparison& cab = report.changes.comparisons[2];
  const double least = std::min(*h2o.test.p, *cab.test.p);
  EXPECT_DOUBLE_EQ(std::min(*h2o.p_holm, *cab.p_holm), std::min(1.0, 2 * least));
  EXPECT_DOUBLE_EQ(std::max(*h2o.p_holm, *cab.p_holm),
                   std::max(std::min(1.0, 2 * least), std::max(*h2o.test.p, *cab.test.p)));
}

TEST(CompareCampaigns, AMethodRunAtSeveralSparsitiesIsABaselineAtEach) {
  std::vector<CellResult> first = campaign(0);
  std::vector<CellResult> second = campaign(0.01, 0.02);
  first.push_back(measured_cell("h2o", 0.9, nlls(2.9, 0.03, 7)));
  second.push_back(measured_cell("h2o", 0.9, nlls(2.91, 0.05, 9)));
  const Campaigns both({first, second});
  const MergedCampaigns merged = merge_campaigns(both.read());
  const MergedReport report = compared(merged, "h2o");
  EXPECT_EQ(names_of(report.changes),
            (std::vector<std::string>{"h2o [A]_vs_h2o [B]_s0.5", "h2o [A]_vs_h2o [B]_s0.9",
                                      "dense [A]_vs_dense [B]_s0.0"}));
  const ComparisonView view(merged, report, {});
  const Comparison& at_90 = report.changes.comparisons[1];
  EXPECT_EQ(measured(view.first(at_90)).kept_ratio, 1 - 0.9);
  EXPECT_EQ(measured(view.second(at_90)).kept_ratio, 1 - 0.9);
  const Comparison* of_dense = report.report.find("dense [A]", 0, "books", 1024);
  EXPECT_EQ(view.first(*of_dense), nullptr);
  EXPECT_EQ(verdict(*of_dense, 0.01),
            "not compared: h2o [A] was run at several sparsities and not at 0.0");
}

TEST(CompareCampaigns, AMethodHeldAgainstItsOwnRepetitionIsIdentical) {
  const Campaigns equal({campaign(0), campaign(0)});
  const MergedCampaigns merged = merge_campaigns(equal.read());
  const MergedReport report = compared(merged, "h2o");
  EXPECT_EQ(verdict_on(report, "h2o [A]_vs_h2o [B]_s0.5"), "identical");
  EXPECT_TRUE(ComparisonView(merged, report, {}).sound());
}

TEST(CompareCampaigns, ACopyOfResultsIsNotTestedASecondTime) {
  std::vector<CellResult> first = campaign(0);
  first.push_back(measured_cell("cab", 0.5, nlls(2.55, 0.03, 7)));
  std::vector<CellResult> second = first;
  second.push_back(measured_cell("tova", 0.5, nlls(2.57, 0.03, 3)));
  const Campaigns both({first, second});
  const MergedCampaigns merged = merge_campaigns(both.read());
  const MergedReport report = compared(merged);
  EXPECT_EQ(names_of(report.report.to_baseline),
            (std::vector<std::string>{"dense [A]_vs_dense [B]_s0.0", "dense [A]_vs_h2o [A]_s0.5",
                                      "dense [A]_vs_cab [A]_s0.5", "dense [A]_vs_tova_s0.5"}));
  EXPECT_EQ(names_of(report.report.pairwise),
            (std::vector<std::string>{"h2o [A]_vs_cab [A]_s0.5", "h2o [A]_vs_tova_s0.5",
                                      "cab [A]_vs_tova_s0.5"}));
  EXPECT_EQ(verdict_on(report, "h2o [A]_vs_h2o [B]_s0.5"), "identical");
  EXPECT_TRUE(says(report.notes, "what is identical in h2o [B] and h2o [A] is tested once"));
  // The family is that of the second campaign alone, with its p-values.
  StoredCampaign alone;
  alone.directory = "alone";
  alone.results = second;
  const MergedReport single = compared(merge_campaigns({alone}));
  EXPECT_EQ(report.report.to_baseline.tests(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(report.report.to_baseline.comparisons[i + 1].p_holm,
              single.report.to_baseline.comparisons[i].p_holm);
  }
}

// As two engines give it: apart by rounding, with the same entries kept.
TEST(CompareCampaigns, TheSameResultOnTwoEnginesIsOneComparison) {
  std::vector<CellResult> first = campaign(0);
  first.push_back(measured_cell("cab", 0.5, nlls(2.55, 0.03, 7)));
  std::vector<CellResult> second = first;
  for (CellResult& cell : second) {
    for (std::size_t i = 0; i < cell.documents.size(); ++i) {
      cell.documents[i].sum_nll_nats += 4 * 9e-5 * scatter(i + 3);  // of four targets
    }
  }
  const Campaigns both({first, second});
  const MergedReport report = compared(merge_campaigns(both.read()));
  const MergedReport single = compared(merge_campaigns({both.read()[0]}));
  ASSERT_EQ(report.report.to_baseline.tests(), 2u);
  EXPECT_EQ(report.changes.tests(), 0u);
  EXPECT_EQ(verdict_on(report, "h2o [A]_vs_h2o [B]_s0.5"),
            "equal: the same was kept, and no mean nll is 0.0001 nats apart");
  for (const Comparison& c : report.report.to_baseline.comparisons) {
    for (const Comparison& alone : single.report.to_baseline.comparisons) {
      if (c.second == alone.second + " [A]") {
        EXPECT_EQ(c.p_holm, alone.p_holm) << c.name;
      }
    }
  }
  EXPECT_TRUE(says(report.notes, "what is identical in h2o [B] and h2o [A] but for rounding"));

  // Further apart, or with other entries kept, they are two.
  second[1].documents[0].sum_nll_nats += 4 * 2e-4;
  second[2].documents[0].kept_sha256 = "another";
  const Campaigns differ({first, second});
  EXPECT_EQ(compared(merge_campaigns(differ.read())).report.to_baseline.tests(), 4u);
}

TEST(CompareCampaigns, EachPlaceHasOneHeading) {
  const auto in_two = [](double worse) {
    std::vector<CellResult> results = campaign(worse, 0.01);
    for (CellResult cell : campaign(worse, 0.02)) {
      cell.cell.dataset = "news";
      results.push_back(cell);
    }
    return results;
  };
  const Campaigns both({in_two(0), in_two(0.01)});
  const MergedCampaigns merged = merge_campaigns(both.read());
  const MergedReport report = compared(merged);
  const ComparisonTables tables = comparison_tables(ComparisonView(merged, report, {}), true);
  ASSERT_GE(tables.families.size(), 2u);
  const ResultsTable& changes = tables.families[1].table;
  ASSERT_EQ(changes.blocks.size(), 2u);
  EXPECT_EQ(changes.blocks[0].title, "books, context 1024");
  EXPECT_EQ(changes.blocks[1].title, "news, context 1024");
  EXPECT_EQ(changes.blocks[0].rows.size(), 2u);
}

TEST(CompareCampaigns, OneCampaignIsTakenAsItIs) {
  const Campaigns one({campaign(0)});
  const MergedCampaigns merged = merge_campaigns(one.read());
  EXPECT_TRUE(merged.notes.empty());
  const MergedReport report = compared(merged);
  EXPECT_EQ(names_of(report.report.to_baseline), std::vector<std::string>{"dense_vs_h2o_s0.5"});
  EXPECT_TRUE(report.changes.comparisons.empty());
  EXPECT_THROW(merged.label_of("densest"), Error);
}

TEST(CompareCampaigns, NamesAreTheShortestEndsThatDiffer) {
  const ScratchFolder folder;
  std::vector<StoredCampaign> campaigns;
  for (const char* name : {"monday/run", "friday/run", "friday/other"}) {
    write_campaign(folder.path() / name, "made", campaign(0));
    campaigns.push_back(read_campaign(folder.path() / name));
  }
  EXPECT_EQ(merge_campaigns(campaigns).names,
            (std::vector<std::string>{"monday/run", "friday/run", "friday/other"}));
  campaigns.erase(campaigns.begin() + 1);
  EXPECT_EQ(merge_campaigns(campaigns).names, (std::vector<std::string>{"run", "other"}));
  campaigns.push_back(read_campaign(folder.path() / "monday/../monday/run/"));
  EXPECT_EQ(refusal_of(campaigns).at(0).what, "a campaign is given twice");
}

TEST(CompareCampaigns, WithoutSharedTargetsItSaysWhatDiffers) {
  const auto changed = [](auto change) {
    std::vector<CellResult> results = campaign(0);
    for (CellResult& result : results) change(result);
    return results;
  };
  const auto each = [&changed](auto change) {
    return changed([&change](CellResult& result) {
      for (DocumentResult& document : result.documents) change(document);
    });
  };
  struct Case {
    std::vector<CellResult> second;
    const char* got;
  };
  const Case cases[] = {
      {changed([](CellResult& r) { r.cell.dataset = "news"; }), "datasets books and news"},
      {changed([](CellResult& r) { r.cell.context_tokens = 512; }), "contexts 1024 and 512"},
      {changed([](CellResult& r) { r.cell.protocol = "prefill"; }), "protocols stream and prefill"},
      {changed([](CellResult& r) { r.cell.seed = 43; }), "books, context 1024: seeds 42 and 43"},
      {each([](DocumentResult& d) { d.ids_sha256 += "x"; }),
       "books, context 1024: windows 0 of 24 in common: 24 have the same id and other token ids "
       "(another text or tokenizer)"},
      {each([](DocumentResult& d) {
         d.targets = {2, 3, 4, 5};
       }),
       "books, context 1024: windows 0 of 24 in common: 24 have other scored targets"},
      {each([](DocumentResult& d) { d.id += "x"; }),
       "books, context 1024: windows 0 of 24 in common: other documents were drawn"}};
  for (const Case& item : cases) {
    const Campaigns both({campaign(0), item.second});
    const std::vector<Problem> problems = refusal_of(both.read());
    ASSERT_EQ(problems.size(), 1u) << item.got;
    EXPECT_EQ(problems[0].got, item.got);
    EXPECT_EQ(problems[0].where, "A and B");
  }
}

TEST(CompareCampaigns, ComparesWhatIsSharedAndSaysWhatWasLeftOut) {
  std::vector<CellResult> first = campaign(0);
  std::vector<CellResult> second = campaign(std::log(1.01), 0.004);
  for (CellResult& result : second) {
    result.documents.resize(10);
    result.documents[9].ids_sha256 = "another text";
  }
  for (CellResult cell : campaign(0)) {  // a dataset of the second alone
    cell.cell.dataset = "news";
    second.push_back(cell);
  }
  for (CellResult cell : campaign(0)) {  // a seed of the first alone
    cell.cell.seed = 43;
    first.push_back(cell);
  }
  const Campaigns both({first, second});
  const MergedCampaigns merged = merge_campaigns(both.read());
  EXPECT_TRUE(says(merged.notes, "of the 48 windows of A 9 are shared")) << merged.notes.at(0);
  EXPECT_TRUE(says(merged.notes, "of the 10 windows of B 9 are shared"));
  EXPECT_TRUE(says(merged.notes, "news, context 1024 is in B and not in A: left out."));
  const MergedReport report = compared(merged);
  ASSERT_EQ(report.changes.comparisons.size(), 2u);
  EXPECT_EQ(report.changes.comparisons[1].test.n, 9u);
  EXPECT_EQ(report.changes.comparisons[1].status, ComparisonStatus::kTested);
}

TEST(CompareCampaigns, TellsHowTheCampaignsDiffer) {
  Campaigns both({campaign(0), campaign(0.01, 0.004)});
  std::vector<StoredCampaign> changed = both.read();
  changed[1].provenance["model"]["weights_sha256"] = std::string(64, '9');
  changed[1].provenance["machine"]["cpu"] = "another";
  changed[1].config["dtype"] = "bfloat16";
  changed[1].config["methods"][1]["recent"] = "0.3";
  changed[1].config["threads"] = "7";  // how fast, not what
  const std::vector<std::string> notes = merge_campaigns(changed).notes;
  EXPECT_EQ(notes, (std::vector<std::string>{"the machine's cpu is a CPU in A and another in B.",
                                             "the model's weight file differs.",
                                             "methods.h2o.recent is 0.2 in A and 0.3 in B.",
                                             "dtype is float32 in A and bfloat16 in B."}));
}

// A config leaves out the kv_dtype that is usual, and so do the uses of its methods.
TEST(CompareCampaigns, TellsHowKeysAndValuesWereHeldWhereAConfigSaysNothing) {
  const struct {
    const char* campaigns[2];  // "": not said
    const char* methods[2];
    std::vector<std::string> notes;
  } cases[] = {{{"", ""}, {"", ""}, {}},
               {{"", "float32"}, {"float32", ""}, {}},
               {{"", "q8"}, {"", ""}, {"kv_dtype is float32 in A and q8 in B."}},
               {{"bfloat16", ""}, {"", ""}, {"kv_dtype is bfloat16 in A and float32 in B."}},
               {{"", ""}, {"q8", ""}, {"methods.h2o.kv_dtype is q8 in A and float32 in B."}},
               {{"", "q8"}, {"q8", ""}, {"kv_dtype is float32 in A and q8 in B."}},
               {{"float16", ""},
                {"", "q8"},
                {"kv_dtype is float16 in A and float32 in B.",
                 "methods.h2o.kv_dtype is float16 in A and q8 in B."}}};
  const Campaigns both({campaign(0), campaign(0.01, 0.004)});
  for (const auto& example : cases) {
    std::vector<StoredCampaign> campaigns = both.read();
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string campaign = example.campaigns[i];
      const std::string method = example.methods[i];
      if (!campaign.empty()) campaigns[i].config["kv_dtype"] = campaign;
      if (!method.empty()) campaigns[i].config["methods"][1]["kv_dtype"] = method;
    }
    EXPECT_EQ(merge_campaigns(campaigns).notes, example.notes);
  }
}

TEST(CompareCampaigns, AHalfFinishedCampaignIsComparedOnTheSeedsThereAre) {
  std::vector<CellResult> second = campaign(std::log(1.01), 0.004);
  std::vector<CellResult> first = campaign(0);
  for (std::vector<CellResult>* results : {&first, &second}) {
    for (CellResult cell : campaign(0.002)) {
      cell.cell.seed = 43;
      if (results == &second) cell.error = kNotRun;
      results->push_back(cell);
    }
  }
  const Campaigns both({first, second});
  const MergedCampaigns merged = merge_campaigns(both.read());
  CompareOptions options;
  options.baseline = "dense [A]";
  options.partial = true;
  const MergedReport report = compare(merged, options);
  EXPECT_EQ(report.changes.comparisons[1].partial, "1 of 2 seeds");
  EXPECT_EQ(report.changes.comparisons[1].status, ComparisonStatus::kTested);
}

TEST(CompareCampaigns, AThousandComparisonsTakeNoTime) {
  std::vector<CellResult> results = {measured_cell("dense", 0, nlls(2.5, 0, 0))};
  for (std::size_t m = 0; m < 1000; ++m) {
    results.push_back(measured_cell("m" + std::to_string(m), 0.5 + 0.0001 * double(m),
                                    nlls(2.5 + 0.0001 * double(m), 0.02, m + 1)));
  }
  StoredCampaign campaign;
  campaign.directory = "large";
  campaign.results = results;
  const auto begin = std::chrono::steady_clock::now();
  const MergedCampaigns merged = merge_campaigns({campaign});
  const MergedReport report = compared(merged);
  const ComparisonView view(merged, report, {});
  const std::string text = comparison_text(comparison_tables(view, true));
  const std::string csv = comparison_csv(view);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << "1000 comparisons: " << seconds << " s, " << text.size() << " bytes of text\n";
  EXPECT_EQ(report.report.to_baseline.tests(), 1000u);
  EXPECT_LT(seconds, 20);
}

}  // namespace
}  // namespace pressroom::compare_campaigns_test
