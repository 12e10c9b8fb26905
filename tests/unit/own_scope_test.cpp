// Methods that no budget holds: those that take a size from it get it all the same, and a row in
// which nothing leaves is refused whoever decides.
#include <gtest/gtest.h>

#include <algorithm>

#include "byte_tokenizer.h"
#include "engine/eviction/eviction.h"
#include "stream_test_support.h"
#include "user_doors.h"

namespace pressroom::own_scope_test {
namespace {

constexpr const char* kPrompt = "{kind: prefill, prefill_tokens: 40}";
constexpr const char* kHold = "{kind: prefill, prefill_tokens: 40, continuation: hold}";
constexpr std::int64_t kTokens = 60;

class OwnScope : public testing::Test {
 protected:
  OwnScope() : doors_(folder_.path(), read_file(test_dir() / "data/prose.txt")) {
    TinyShape shape;
    shape.vocabulary = 256;
    write_model(folder_.path(), shape, random_weights(shape, RandomKey(3)));
    write_file(folder_.path() / "tokenizer.json", byte_tokenizer_json());
    ids_ = random_ids(kTokens, shape, RandomKey(4));
  }

  // Entries of the prompt that the first head of the first layer holds at the end.
  std::int64_t held_of_prompt(const std::string& method, double sparsity) {
    const ScoreResult result =
        doors_.score(doors_.request(method, kPrompt, ids_, std::optional<double>(sparsity)));
    const std::vector<std::int64_t>& head = result.run.kept.at(0).at(0);
    return std::lower_bound(head.begin(), head.end(), 40) - head.begin();
  }

  ScratchFolder folder_;
  UserDoors doors_;
  std::vector<std::int64_t> ids_;
};

TEST_F(OwnScope, MethodsThatTakeASizeFromTheBudgetGetIt) {
  const struct {
    const char* method;
    std::int64_t at_half;  // of a budget of 20 of 40, by hand
    std::int64_t at_quarter;
  } cases[] = {
      // 5 chunks of 8: floor(2.5) and floor(1.25) of them.
      {"{name: chunkkv, chunk_length: 8, compat: kvpress, inner: knorm}", 16, 8},
      {"{name: rerotate, inner: {name: chunkkv, chunk_length: 8, compat: kvpress, inner: knorm}}",
       16, 8},
      // The prompt's method is held to the budget though the other one is not.
      {"{name: prefill_decoding, prefilling: knorm, decoding: {name: dms, threshold: -1000, "
       "inner: keydiff}}",
       20, 10},
      // Everything is below the threshold but the half of the budget that the first stage keeps.
      {"{name: dms, window: 0, threshold: 1000, inner: {name: criticalkv, first_stage_ratio: 0.5, "
       "inner: keydiff}}",
       10, 5},
      // The inner method's window is a share of the budget.
      {"{name: dms, window: 0, threshold: 1000, inner: {name: h2o, recent: 0.5}}", 10, 5},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(held_of_prompt(each.method, 0.5), each.at_half) << each.method;
    EXPECT_EQ(held_of_prompt(each.method, 0.75), each.at_quarter) << each.method;
  }
}

TEST_F(OwnScope, ThePlanSaysWhoIsRunOnceForEachBudget) {
  const std::pair<const char*, bool> cases[] = {
      {"dense", false},
      {"knorm", true},
      {"{name: adakv, inner: knorm}", true},
      {"kvzip", true},
      {"{name: pyramidkv, inner: knorm}", true},
      {"{name: chunkkv, inner: knorm}", true},
      {"{name: chunkkv, compat: kvpress, inner: knorm}", true},
      {"{name: decoding, inner: {name: chunkkv, compat: kvpress, inner: knorm}}", true},
      {"{name: decoding, target_size: 8, inner: {name: chunkkv, compat: kvpress, inner: knorm}}",
       false},
      {"{name: per_layer, ratios: [0.5, 0.5], inner: {name: h2o, recent: 0.5}}", false},
      {"simlayerkv", false},
      {"{name: dms, threshold: 0, inner: knorm}", false},
      {"{name: dms, threshold: 0, inner: {name: knorm, recent: 8}}", false},
      {"{name: dms, threshold: 0, inner: {name: knorm, recent: 0.5}}", true},
      {"{name: dms, threshold: 0, inner: {name: criticalkv, inner: knorm}}", true},
      {"{name: dms, threshold: 0, inner: compactor}", true},
      {"{name: dms, threshold: 0, inner: {name: compactor, blending: 0.5}}", false},
      {"{name: prefill_decoding, prefilling: knorm, decoding: {name: dms, threshold: 0, inner: "
       "keydiff}}",
       true},
      {"{name: prefill_decoding, prefilling: dense, decoding: {name: dms, threshold: 0, inner: "
       "random}}",
       false},
  };
  for (const auto& [yaml, expected] : cases) {
    const auto method = make_configured_method(
        parse_plugin_use(yaml, PluginKind::kMethod, "the test", doors_.host()), doors_.host());
    EXPECT_EQ(takes_budget(checked_plan(*method, 64, yaml)), expected) << yaml;
  }
}

struct Inert {
  const char* method;
  const char* protocol;
};

// Each leaves everything where it is, by its own decision.
constexpr Inert kInert[] = {
    // One chunk, of which max(1, floor(0.5)) stays.
    {"{name: chunkkv, chunk_length: 40, compat: kvpress, inner: knorm}", kPrompt},
    {"{name: per_layer, ratios: [0, 0], inner: knorm}", kPrompt},
    {"{name: decoding, target_size: 100, compression_interval: 2, inner: knorm}", kHold},
    {"simlayerkv", kPrompt},
    {"{name: dms, threshold: -1000, inner: knorm}", kPrompt},
    {"{name: dms, threshold: -1000, window: 4, inner: knorm}", "stream"},
    {"{name: rerotate, inner: {name: dms, threshold: -1000, inner: knorm}}", kPrompt},
    {"{name: prefill_decoding, prefilling: {name: dms, threshold: -1000, inner: knorm}, decoding: "
     "dense}",
     kPrompt},
    {"{name: decoding, compression_interval: 2, inner: {name: dms, threshold: -1000, inner: "
     "knorm}}",
     kHold},
};

TEST_F(OwnScope, ScoreRefusesARunInWhichNothingLeft) {
  for (const Inert& each : kInert) {
    ScoreRequest request = doors_.request(each.method, each.protocol, ids_, 0.5);
    const Problem problem = problem_of([&] { doors_.score(request); });
    EXPECT_EQ(problem.what, "nothing was evicted before the last scored token") << each.method;
    EXPECT_TRUE(has(problem.fix, "--allow-inert")) << problem.fix;
    request.allow_inert = true;
    const std::vector<double> nll = doors_.score(request).run.nll_nats;
    EXPECT_LE(largest_difference(
                  nll, doors_.score(doors_.request("dense", each.protocol, ids_, {})).run.nll_nats),
              1e-5)
        << each.method;
  }
}

TEST_F(OwnScope, ACampaignsRowInWhichNothingLeftFails) {
  for (const Inert& each : kInert) {
    std::string protocol = each.protocol;
    if (protocol == "stream") protocol = "{kind: stream}";
    protocol.insert(protocol.size() - 1, ", context: 60, documents: 2");
    for (const CellResult& cell :
         doors_.campaign(std::string("[") + each.method + "]", protocol, "[0.5]")) {
      const bool is_dense = cell.cell.method == "dense";
      EXPECT_EQ(has(cell.error, "nothing was evicted before the last scored token"), !is_dense)
          << each.method << ": " << cell.error;
      EXPECT_EQ(cell.documents.empty(), !is_dense);
    }
  }
}

TEST_F(OwnScope, BudgetsThatAreSharedOutAreRefusedBeforeTheRunWhenTheyHoldEverything) {
  for (const char* method : {"{name: adakv, inner: knorm}", "kvzip",
                             "{name: kvzip, layerwise: true}", "{name: pyramidkv, inner: knorm}"}) {
    ScoreRequest request = doors_.request(method, kPrompt, ids_, {});
    request.budget_tokens = 45;
    EXPECT_EQ(problem_of([&] { doors_.score(request); }).what,
              "nothing could be evicted before the last scored token")
        << method;
  }
}

}  // namespace
}  // namespace pressroom::own_scope_test
