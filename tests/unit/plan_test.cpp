#include "campaign/plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "campaign_test_support.h"

namespace pressroom::plan_test {
namespace {

PluginUse use_of(const std::string& name) {
  PluginUse use;
  use.name = name;
  use.label = name;
  return use;
}

using Places = std::vector<std::string>;

// A campaign of one dataset, one context and one seed on the methods given.
struct Campaign {
  CampaignConfig config;
  std::vector<std::unique_ptr<Method>> methods;

  Campaign() {
    config.protocol.context = {1024};
    config.protocol.documents = 1;
    config.datasets = {use_of("books")};
    config.sparsity = {0.5};
    config.seeds = {1};
  }
  Campaign& add(const std::string& name, const EvictionPlan& plan) {
    config.methods.push_back(use_of(name));
    methods.push_back(std::make_unique<PlannedMethod>(plan));
    return *this;
  }
  std::vector<PlannedCell> plan() const { return plan_cells(config, methods); }
  std::vector<std::string> stems() const {
    std::vector<std::string> all;
    for (const PlannedCell& planned : plan()) all.push_back(planned.cell.file_stem());
    return all;
  }
};

TEST(Plan, BudgetsTruncateInDoublePrecisionAsTheReferencesDo) {
  // int(context * (1 - sparsity)) as Python computes it: 1000 * (1 - 0.9) is 99.99999999999997.
  const struct {
    std::int64_t context;
    double sparsity;
    std::int64_t budget;
  } cases[] = {{1024, 0.9, 102}, {512, 0.5, 256},   {1024, 0.5, 512}, {1024, 0.7, 307},
               {1024, 0, 1024},  {100, 0.9, 9},     {1000, 0.9, 99},  {2048, 0.95, 102},
               {64, 0.75, 16},   {4096, 0.1, 3686}, {10, 0.99, 0},    {320, 0.3, 224}};
  for (const auto& c : cases) {
    EXPECT_EQ(budget_from_sparsity(c.context, c.sparsity), c.budget)
        << c.context << " tokens at sparsity " << c.sparsity;
  }
}

TEST(Plan, CellsThatShareWindowsAreNeighboursAndTheBaselineComesFirst) {
  Campaign campaign;
  campaign.add("h2o", evicting()).add("dense", EvictionPlan()).add("knorm", evicting());
  campaign.config.protocol.context = {256, 512};
  campaign.config.sparsity = {0.5, 0.9};
  campaign.config.seeds = {7, 8};
  EXPECT_EQ(campaign.stems(),
            (std::vector<std::string>{
                "dense_s0.0_ctx256_seed7", "h2o_s0.5_ctx256_seed7",   "h2o_s0.9_ctx256_seed7",
                "knorm_s0.5_ctx256_seed7", "knorm_s0.9_ctx256_seed7", "dense_s0.0_ctx256_seed8",
                "h2o_s0.5_ctx256_seed8",   "h2o_s0.9_ctx256_seed8",   "knorm_s0.5_ctx256_seed8",
                "knorm_s0.9_ctx256_seed8", "dense_s0.0_ctx512_seed7", "h2o_s0.5_ctx512_seed7",
                "h2o_s0.9_ctx512_seed7",   "knorm_s0.5_ctx512_seed7", "knorm_s0.9_ctx512_seed7",
                "dense_s0.0_ctx512_seed8", "h2o_s0.5_ctx512_seed8",   "h2o_s0.9_ctx512_seed8",
                "knorm_s0.5_ctx512_seed8", "knorm_s0.9_ctx512_seed8"}));
}

TEST(Plan, EveryDatasetHasAllCellsUnderItsLabel) {
  Campaign campaign;
  campaign.add("dense", EvictionPlan()).add("h2o", evicting());
  campaign.config.datasets = {use_of("books"), use_of("papers")};
  const std::vector<PlannedCell> cells = campaign.plan();
  ASSERT_EQ(cells.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(cells[i].dataset, i / 2);
    EXPECT_EQ(cells[i].cell.dataset, i < 2 ? "books" : "papers");
    EXPECT_EQ(cells[i].method, i % 2);
  }
}

TEST(Plan, TheBaselineHasOneCellAndTheWholeContext) {
  Campaign campaign;
  campaign.add("dense", EvictionPlan());
  campaign.config.sparsity = {0.5, 0.7, 0.9};
  const std::vector<PlannedCell> cells = campaign.plan();
  ASSERT_EQ(cells.size(), 1U);
  EXPECT_EQ(cells[0].cell.budget_tokens, 1024);
  EXPECT_EQ(cells[0].cell.sparsity, 0);
}

TEST(Plan, BudgetsInTokensHaveTheSparsityTheyAmountTo) {
  Campaign campaign;
  campaign.add("h2o", evicting());
  campaign.config.sparsity.clear();
  campaign.config.budget = {256, 102};
  const std::vector<PlannedCell> cells = campaign.plan();
  ASSERT_EQ(cells.size(), 2U);
  EXPECT_EQ(cells[0].cell.sparsity, 0.75);
  EXPECT_EQ(cells[0].cell.budget_tokens, 256);
  EXPECT_EQ(cells[1].cell.sparsity, 0.900391);
  EXPECT_EQ(cells[1].cell.file_stem(), "h2o_s0.900391_ctx1024_seed1");
}

TEST(Plan, BudgetsThatNoWindowFillsAreOneCellOfSparsityZero) {
  Campaign campaign;
  campaign.add("h2o", evicting());
  campaign.config.protocol.context = {128, 1024};
  campaign.config.sparsity.clear();
  campaign.config.budget = {512, 128, 4096, 64};
  EXPECT_EQ(campaign.stems(),
            (std::vector<std::string>{"h2o_s0.0_ctx128_seed1", "h2o_s0.5_ctx128_seed1",
                                      "h2o_s0.5_ctx1024_seed1", "h2o_s0.875_ctx1024_seed1",
                                      "h2o_s0.0_ctx1024_seed1", "h2o_s0.9375_ctx1024_seed1"}));
  EXPECT_EQ(campaign.plan()[0].cell.budget_tokens, 128);
}

TEST(Plan, RefusesCellsThatEvictNothingBeforeTheLastTarget) {
  // Of N tokens, token N - 1 is predicted by step N - 2, which sees what steps up to N - 3 evicted;
  // a budget of B overflows at step B. With an interval, at the first event from there on.
  const struct {
    std::int64_t budget;
    std::int64_t interval;
    bool fine;
  } cases[] = {{61, 1, true},  {62, 1, false},  {63, 1, false}, {40, 30, true},
               {40, 31, true}, {40, 32, false}, {40, 62, true}, {40, 63, false},
               {59, 60, true}, {60, 60, false}, {20, 60, true}};
  for (const auto& c : cases) {
    EvictionPlan plan = evicting();
    plan.interval = c.interval;
    Campaign campaign;
    campaign.add("h2o", plan);
    campaign.config.protocol.context = {64};
    campaign.config.sparsity.clear();
    campaign.config.budget = {c.budget};
    const std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
    EXPECT_EQ(problems.empty(), c.fine) << "budget " << c.budget << ", interval " << c.interval;
    for (const Problem& problem : problems) {
      EXPECT_EQ(problem.what, "nothing could be evicted before the last scored token");
    }
  }
}

TEST(Plan, AllowsSparsityZeroAsAControl) {
  Campaign campaign;
  campaign.add("h2o", evicting(4, 8));
  campaign.config.sparsity = {0};
  EXPECT_EQ(campaign.stems(), std::vector<std::string>{"h2o_s0.0_ctx1024_seed1"});
}

std::vector<std::string> places(const std::vector<Problem>& problems) {
  std::vector<std::string> where;
  for (const Problem& problem : problems) where.push_back(problem.where);
  return where;
}

TEST(Plan, NamesEveryBudgetThatDoesNotHoldWhatIsProtected) {
  Campaign campaign;
  campaign.add("wide", evicting(4, 50)).add("narrow", evicting(4, 5)).add("sinks", evicting(6, 0));
  campaign.config.protocol.context = {64};
  campaign.config.sparsity = {0.1, 0.5, 0.9, 0.99};  // budgets 57, 32, 6, 0
  const std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
  EXPECT_EQ(
      places(problems),
      (Places{"wide_s0.5, wide_s0.9, wide_s0.99 in 3 cells: dataset books, context 64, seed 1",
              "narrow_s0.9, narrow_s0.99 in 2 cells: dataset books, context 64, seed 1",
              "sinks_s0.9, sinks_s0.99 in 2 cells: dataset books, context 64, seed 1"}));
  EXPECT_EQ(problems[0].got, "32 entries; 6 entries; 0 entries");
}

TEST(Plan, SaysWhatIsWrongInManyCellsOnceAndWhere) {
  Campaign campaign;
  campaign.add("h2o", evicting(4, 50)).add("knorm", evicting());
  campaign.config.datasets = {use_of("books"), use_of("papers")};
  campaign.config.protocol.context = {256, 512, 1024};
  campaign.config.sparsity = {0.5, 0.99};  // budgets of 2, 5 and 10 at the second
  campaign.config.seeds = {1, 2, 3};
  const std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
  EXPECT_EQ(places(problems),
            Places{"h2o_s0.99 in 18 cells: datasets books, papers, contexts 256, 512, 1024, "
                   "seeds 1, 2, 3"});
  EXPECT_EQ(problems[0].got, "2 entries; 5 entries; 10 entries");
  // Not in all contexts: one of 54 entries and more holds what is protected.
  campaign.config.sparsity = {0.9};
  campaign.config.seeds = {1};
  EXPECT_EQ(places(problems_of([&] { campaign.plan(); })),
            Places{"h2o_s0.9 in 4 cells: datasets books, papers, contexts 256, 512, seed 1"});
}

TEST(Plan, SaysWhatIsWrongWithEveryMethodAlikeOnce) {
  Campaign campaign;
  campaign.add("h2o", evicting()).add("knorm", evicting());
  campaign.config.protocol.context = {64};
  campaign.config.sparsity = {0.01};
  EXPECT_EQ(places(problems_of([&] { campaign.plan(); })),
            Places{"h2o_s0.01, knorm_s0.01 in 2 cells: dataset books, context 64, seed 1"});
  // At whatever sparsities.
  campaign.config.sparsity = {0.01, 0.02};
  const std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
  EXPECT_EQ(places(problems), Places{"h2o_s0.01, h2o_s0.02, knorm_s0.01, knorm_s0.02 in 4 cells: "
                                     "dataset books, context 64, seed 1"});
  EXPECT_EQ(problems[0].got, "63 entries; 62 entries");
}

TEST(Plan, RefusesLabelsThatMakeTheNamesOfFilesTooLong) {
  // LABEL_s0.5_ctx1024_seed1 and .answers.json.partial, with traces or without, in 255 bytes.
  const struct {
    std::size_t letters;
    bool traces;
    std::vector<double> sparsity;
    std::string most;  // "" where it is fine
  } cases[] = {{215, false, {0.5}, ""},
               {216, false, {0.5}, "215"},
               {215, true, {0.5}, ""},
               {216, true, {0.5}, "215"},
               {215, false, {0.5, 0.125, 0.75}, "213"},
               {213, false, {0.5, 0.125, 0.75}, ""},
               {256, false, {0.5}, "215"},
               {std::size_t{1} << 20, false, {0.5}, "215"}};
  for (const auto& c : cases) {
    Campaign campaign;
    campaign.add(std::string(c.letters, 'x'), evicting());
    campaign.config.traces = c.traces;
    campaign.config.sparsity = c.sparsity;
    campaign.config.seeds = {1, 2};
    const std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
    ASSERT_EQ(problems.size(), c.most.empty() ? 0U : 1U) << c.letters;
    if (c.most.empty()) continue;
    EXPECT_EQ(problems[0].what, "the label of a method is too long for the names of its files");
    EXPECT_EQ(problems[0].expected.rfind("at most " + c.most + " letters: ", 0), 0U)
        << problems[0].expected;
    EXPECT_EQ(problems[0].got, std::to_string(c.letters));
    EXPECT_LE(problems[0].where.size(), 255U);
  }
}

TEST(Plan, RefusesLabelsThatMakeTheNamesOfAStudysFilesTooLong) {
  // books__MODEL__LABEL__0.5 and what else may stand there, 64 bytes, in 255.
  const struct {
    const char* output;
    std::size_t letters;
    bool fine;
  } cases[] = {{"press_folders", 181, true},
               {"press_folders", 182, false},
               {"speed_results", 186, true},
               {"ppl_results", 187, false},
               {"generation_summary", 200, true}};
  for (const auto& c : cases) {
    Campaign campaign;
    campaign.add(std::string(c.letters, 'x'), evicting());
    campaign.config.model = "/models/large";
    campaign.config.outputs = {c.output};
    const std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
    ASSERT_EQ(problems.size(), c.fine ? 0U : 1U) << c.output << c.letters;
    if (c.fine) continue;
    EXPECT_EQ(problems[0].got, "up to 256 bytes");
  }
}

TEST(Plan, RefusesMoreCellsOrTokensThanCanBeCounted) {
  Campaign campaign;
  campaign.add("h2o", evicting());
  for (std::uint64_t seed = 0; seed <= 1'000'000; ++seed) campaign.config.seeds.push_back(seed);
  std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].got, "1 x 1 x 1000002 x 1 x 1");
  campaign.config.seeds = {1, 2};
  const std::vector<PlannedCell> cells = campaign.plan();
  EXPECT_EQ(total_tokens(cells, 3), 2 * 3 * 1024);
  problems = problems_of([&] { total_tokens(cells, INT64_MAX); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].what, "the campaign has more tokens than can be counted");
  EXPECT_EQ(problems_of([&] { total_tokens(cells, INT64_MAX / 1024); }).size(), 1U);
}

TEST(Plan, AsksForTheKeysThatHelpOnceForAllSeedsAndDatasets) {
  Campaign campaign;
  campaign.add("h2o", evicting(0, 50));
  campaign.config.protocol.context = {64};
  campaign.config.seeds = {1, 2, 3};
  int asked = 0;
  const KeysThatHelp keys = [&](std::size_t method, std::int64_t budget, const auto& helps) {
    ++asked;
    EXPECT_EQ(method, 0U);
    EXPECT_EQ(budget, 32);
    EXPECT_FALSE(helps(evicting(1, 49)));
    EXPECT_TRUE(helps(evicting(0, 49)));
    return std::vector<std::string>{"recent", "inner.window_size"};
  };
  const std::vector<Problem> problems =
      problems_of([&] { plan_cells(campaign.config, campaign.methods, nullptr, keys); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(asked, 1);
  EXPECT_NE(problems[0].fix.find("protect less: lower \"recent\" or \"inner.window_size\""),
            std::string::npos)
      << problems[0].fix;
}

// An interval of 130 evicts before the end of 256 tokens and not of 128.
TEST(Plan, AsksForTheKeysThatHelpInEachContext) {
  EvictionPlan rare = evicting();
  rare.interval = 300;
  Campaign campaign;
  campaign.add("h2o", rare);
  campaign.config.protocol.context = {128, 256};
  campaign.config.sparsity.clear();
  campaign.config.budget = {120};
  EvictionPlan lowered = evicting();
  lowered.interval = 130;
  const KeysThatHelp keys = [&](std::size_t, std::int64_t, const auto& helps) {
    return helps(lowered) ? std::vector<std::string>{"interval"} : std::vector<std::string>();
  };
  for (const bool reversed : {false, true}) {
    if (reversed) campaign.config.protocol.context = {256, 128};
    std::vector<std::pair<std::string, bool>> said;
    for (const Problem& problem :
         problems_of([&] { plan_cells(campaign.config, campaign.methods, nullptr, keys); })) {
      said.emplace_back(problem.where, problem.fix.find("\"interval\"") != std::string::npos);
    }
    std::sort(said.begin(), said.end());
    EXPECT_EQ(said, (std::vector<std::pair<std::string, bool>>{
                        {"h2o_s0.0625_ctx128_seed1", false}, {"h2o_s0.53125_ctx256_seed1", true}}));
  }
}

TEST(Plan, PositionsAreTheUsesElseTheConfigsElseTheMethods) {
  using Choice = std::optional<Positions>;
  constexpr Positions kOriginal = Positions::kOriginal;
  constexpr Positions kIndex = Positions::kCacheIndex;
  const struct {
    Positions method;
    Choice config;
    Choice use;
    Positions expected;
  } cases[] = {{kOriginal, {}, {}, kOriginal},         {kIndex, {}, {}, kIndex},
               {kOriginal, kIndex, {}, kIndex},        {kIndex, kOriginal, {}, kOriginal},
               {kOriginal, kOriginal, kIndex, kIndex}, {kIndex, kIndex, kOriginal, kOriginal},
               {kOriginal, {}, kIndex, kIndex}};
  for (const auto& c : cases) {
    EvictionPlan plan = evicting();
    plan.positions = c.method;
    Campaign campaign;
    campaign.add("h2o", plan);
    campaign.config.positions = c.config;
    campaign.config.methods[0].positions = c.use;
    EXPECT_EQ(campaign.plan()[0].cell.positions, c.expected) << &c - cases;
  }
}

EvictionPlan by_threshold() {
  EvictionPlan plan;
  plan.ranking = Ranking::kKeep;
  plan.scope = BudgetScope::kNone;
  return plan;
}

TEST(Plan, AMethodSizedByTheBudgetHasARowForEachThoughNothingHoldsItToIt) {
  EvictionPlan sized = by_threshold();
  sized.sized_by_budget = true;
  Campaign campaign;
  campaign.add("chunks", sized).add("threshold", by_threshold());
  campaign.config.sparsity = {0.5, 0.75};
  std::vector<std::pair<std::string, std::int64_t>> rows;
  for (const PlannedCell& planned : campaign.plan()) {
    rows.emplace_back(planned.cell.file_stem(), planned.cell.budget_tokens);
  }
  EXPECT_EQ(rows, (std::vector<std::pair<std::string, std::int64_t>>{
                      {"chunks_s0.5_ctx1024_seed1", 512},
                      {"chunks_s0.75_ctx1024_seed1", 256},
                      {"threshold_s0.0_ctx1024_seed1", 1024}}));
}

Campaign matched_campaign() {
  Campaign campaign;
  campaign.add("dense", EvictionPlan()).add("dms", by_threshold()).add("h2o", evicting());
  campaign.config.sparsity.clear();
  campaign.config.match = MatchConfig{"dms", "measured_ratio", 4, 0.01};
  return campaign;
}

TEST(Plan, LeavesMatchedBudgetsToTheCalibration) {
  Campaign campaign = matched_campaign();
  for (const std::int64_t prompt : {0, 768}) {
    if (prompt > 0) campaign.config.protocol.how.kind = ProtocolKind::kPrefill;
    campaign.config.protocol.how.prefill_tokens = prompt;
    const std::vector<PlannedCell> cells = campaign.plan();
    ASSERT_EQ(cells.size(), 3U);
    for (const PlannedCell& planned : cells) {
      const bool is_matched = planned.cell.method == "h2o";
      EXPECT_EQ(planned.awaits_calibration, is_matched);
      EXPECT_EQ(planned.cell.sparsity, 0);
      EXPECT_EQ(planned.cell.budget_tokens, is_matched && prompt > 0 ? prompt : 1024);
    }
  }
}

TEST(Plan, TakesBudgetsAndSparsityFromTheCalibration) {
  Campaign campaign = matched_campaign();
  campaign.add("other", by_threshold());
  campaign.config.protocol.context = {512, 1024};
  Calibration calibration;
  calibration.groups.resize(2);
  calibration.groups[0].dataset = calibration.groups[1].dataset = "books";
  calibration.groups[0].context_tokens = 1024;
  calibration.groups[0].kept = 0.43214999;
  calibration.groups[0].methods = {{"h2o", "", 442, 0.4316, 1}};
  calibration.groups[1].context_tokens = 512;
  calibration.groups[1].kept = 0.75;
  calibration.groups[1].methods = {{"h2o", "", 384, 0.75, 1}};
  std::vector<std::string> stems;
  for (const PlannedCell& planned : plan_cells(campaign.config, campaign.methods, &calibration)) {
    EXPECT_FALSE(planned.awaits_calibration);
    stems.push_back(planned.cell.file_stem() + " " + std::to_string(planned.cell.budget_tokens));
  }
  EXPECT_EQ(stems, (std::vector<std::string>{
                       "dense_s0.0_ctx512_seed1 512", "dms_s0.25_ctx512_seed1 512",
                       "h2o_s0.25_ctx512_seed1 384", "other_s0.0_ctx512_seed1 512",
                       "dense_s0.0_ctx1024_seed1 1024", "dms_s0.5679_ctx1024_seed1 1024",
                       "h2o_s0.5679_ctx1024_seed1 442", "other_s0.0_ctx1024_seed1 1024"}));
}

TEST(Plan, RefusesToMatchToAMethodWhoseAmountIsGiven) {
  const std::pair<const char*, const char*> cases[] = {
      {"h2o", "a method that takes a budget cannot be matched to"},
      {"dense", "a method that keeps all entries cannot be matched to"},
      {"nobody", "no method of the campaign is matched to"}};
  for (const auto& [label, what] : cases) {
    Campaign campaign = matched_campaign();
    campaign.config.match->to = label;
    const std::vector<Problem> problems = problems_of([&] { campaign.plan(); });
    ASSERT_EQ(problems.size(), 1U) << label;
    EXPECT_EQ(problems[0].what, what);
    EXPECT_EQ(problems[0].where, std::string("match.to: ") + label);
  }
}

}  // namespace
}  // namespace pressroom::plan_test
