// The speed study: what is planned, and what its runs hold and are held to. No time is looked at.
#include "bench/decode_study.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "plugin_test_support.h"
#include "stream_test_support.h"
#include "study_schema.h"
#include "tiny_model.h"

namespace pressroom::decode_study_test {
namespace {

class StudyOfATinyModel : public ::testing::Test {
 protected:
  StudyOfATinyModel()
      : tiny_(TinyShape(), RandomKey(3)), ids_(random_ids(200, TinyShape(), RandomKey(4))) {
    request_.model = tiny_.directory().string();
    request_.ids_file = (folder_.path() / "ids.json").string();
    std::ofstream(request_.ids_file) << nlohmann::json(ids_).dump();
    request_.lengths = {24, 40};
    request_.warmup_tokens = 3;
    request_.tokens = 10;
    request_.every = 4;
    request_.budget_tokens = 8;
    request_.most_repeats = 2;
    request_.threads = 1;
    request_.methods = {use("{name: h2o, recent: 2}"), use("dense"),
                        use("{name: decoding, compression_interval: 3, inner: knorm}")};
  }

  PluginUse use(const std::string& yaml) {
    return parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_);
  }
  std::vector<std::string> plan() {
    std::vector<std::string> names;
    for (const StudiedRun& run : planned_study(request_, host_)) {
      names.push_back(run.method.name + " " + to_string(run.dtype) + " " +
                      std::to_string(run.shape.length) + " x " +
                      std::to_string(run.shape.sequences));
    }
    return names;
  }

  ScratchFolder folder_;
  TinyModel tiny_;
  std::vector<std::int64_t> ids_;
  PluginHost host_{{plugin_dir()}};
  DecodeStudyRequest request_;
};

TEST_F(StudyOfATinyModel, PlansDenseFirstAndInTheOtherDtypesLast) {
  request_.lengths = {40};
  request_.sequences = {1, 2};
  request_.rival_dtypes = {WeightDtype::kFloat32, WeightDtype::kBfloat16};
  EXPECT_EQ(plan(), (std::vector<std::string>{"dense float32 40 x 1", "h2o float32 40 x 1",
                                              "decoding float32 40 x 1", "dense bfloat16 40 x 1",
                                              "dense float32 40 x 2", "h2o float32 40 x 2",
                                              "decoding float32 40 x 2", "dense bfloat16 40 x 2"}));
}

// A method's own word goes before that of the study, and both count bytes as they are held.
TEST_F(StudyOfATinyModel, HoldsCachesAsEachMethodSays) {
  request_.lengths = {40};
  request_.most_repeats = 1;
  request_.kv_dtype = KvDtype::kBfloat16;
  request_.methods = {use("{name: knorm, kv_dtype: q8}"), use("knorm"),
                      use("{name: dense, kv_dtype: float32}")};
  const DecodeStudy study = study_decoding(request_, host_, RunControl());
  expect_valid_study(study);
  const TinyShape shape;
  const std::int64_t scales = (shape.head_dim + 31) / 32;
  const struct {
    const char* mode;
    const char* kv_dtype;
    std::int64_t vector_bytes;
    bool evicts;
  } expected[] = {{"baseline", "bfloat16", 2 * shape.head_dim, false},
                  {"knorm_q8", "q8", shape.head_dim + 2 * scales, true},
                  {"knorm", "bfloat16", 2 * shape.head_dim, true},
                  {"dense_float32", "float32", 4 * shape.head_dim, false}};
  const nlohmann::ordered_json json = to_json(study);
  EXPECT_EQ(json["config"]["kv_dtype"], "bfloat16");
  ASSERT_EQ(json["results"].size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const nlohmann::ordered_json& result = json["results"][i];
    EXPECT_EQ(result["mode"], expected[i].mode);
    EXPECT_EQ(result["kv_dtype"], expected[i].kv_dtype);
    const std::int64_t entries = result["kv_entries"];
    EXPECT_EQ(entries, shape.layers * shape.kv_heads * (expected[i].evicts ? 8 : 53));
    const std::int64_t score_bytes = expected[i].evicts ? 4 : 0;
    EXPECT_EQ(result["kv_bytes"], entries * (2 * expected[i].vector_bytes + score_bytes));
  }
}

TEST_F(StudyOfATinyModel, RefusesWhatSaysNothing) {
  request_.budget_tokens = 37;  // all of 24 + 3 + 10
  EXPECT_EQ(problem_of([&] { plan(); }).what, "nothing would be evicted");
  EXPECT_EQ(problem_of([&] { plan(); }).where, "h2o at length 24");
  request_.budget_tokens = 1;  // h2o protects two
  EXPECT_EQ(problem_of([&] { plan(); }).where, "h2o at length 24");
  request_.budget_tokens = 8;
  request_.sequences = {4};
  EXPECT_EQ(problem_of([&] { study_decoding(request_, host_, RunControl()); }).what,
            "the document is too short");
}

TEST_F(StudyOfATinyModel, TakesTheUsualLengthsThatThereIsTextFor) {
  request_.lengths.clear();
  EXPECT_EQ(problem_of([&] { study_decoding(request_, host_, RunControl()); }).expected,
            "269 tokens");  // the first of them, 256 + 3 + 10
}

// What a sequence alone, counted by hand, holds; h2o holds the budget after each token.
TEST_F(StudyOfATinyModel, CountsWhatCachesHold) {
  request_.sequences = {1, 2};
  const DecodeStudy study = study_decoding(request_, host_, RunControl());
  expect_valid_study(study);
  ASSERT_EQ(study.runs.size(), 2U * 2 * 3);
  const TinyShape shape;
  const std::int64_t heads = shape.layers * shape.kv_heads;
  for (const StudiedRun& run : study.runs) {
    SCOPED_TRACE(run.terms.where);
    ASSERT_EQ(run.repeats.size(), 2U);
    const DecodeRepeat& repeat = run.repeats.back();
    ASSERT_EQ(repeat.step_seconds.size(), 10U);
    const std::int64_t fed = run.shape.length + 3 + 10;
    const bool is_h2o = run.method.name == "h2o";
    // Key and value; the attention that h2o asks for, the score that knorm gives at birth.
    const std::int64_t bytes = (2 * shape.head_dim + (run.is_dense ? 0 : 1)) * 4;
    const std::int64_t all_heads = heads * run.shape.sequences;
    if (run.is_dense) {
      EXPECT_EQ(repeat.held.entries, fed * all_heads);
      EXPECT_EQ(repeat.held.evicted, 0);
      // Held and the newest, of the tokens measured: length + 4 .. length + 13.
      const double mean_seen = static_cast<double>(run.shape.length) + 3 + 5.5;
      EXPECT_DOUBLE_EQ(repeat.kv_bytes_per_step,
                       mean_seen * static_cast<double>(all_heads * bytes));
    }
    if (is_h2o) {
      EXPECT_EQ(repeat.held.entries, 8 * all_heads);
      EXPECT_EQ(repeat.held.evicted, (fed - 8) * all_heads);
      EXPECT_EQ(repeat.held.most_entries, 8);
      EXPECT_DOUBLE_EQ(repeat.kv_bytes_per_step, static_cast<double>(9 * all_heads * bytes));
    }
    if (run.method.name == "decoding") {  // at every third token; the prompt is not compressed
      EXPECT_EQ(repeat.held.entries, (8 + fed % 3) * all_heads);
      EXPECT_EQ(repeat.held.most_entries, 8 + 2);
    }
    EXPECT_EQ(repeat.held.bytes, repeat.held.entries * bytes);
    EXPECT_GE(repeat.held.allocated_bytes, repeat.held.bytes);
    std::vector<std::int64_t> ends;
    for (const DecodeStretch& stretch : repeat.stretches) ends.push_back(stretch.last_token);
    EXPECT_EQ(ends, (std::vector<std::int64_t>{4, 8, 10}));
  }
}

// The nll of the same tokens by the decode engine.
TEST_F(StudyOfATinyModel, DoesTheWorkOfTheDecodeEngine) {
  request_.lengths = {40};
  request_.sequences = {2};
  request_.most_repeats = 1;
  const DecodeStudy study = study_decoding(request_, host_, RunControl());
  const auto method = plugin_method("h2o", {{"recent", tokens(2)}});
  RunSettings settings = settings_of(*method, 8);
  settings.protocol.kind = ProtocolKind::kPrefill;
  settings.protocol.prefill_tokens = 40;
  settings.protocol.continuation = Continuation::kHold;
  double sum = 0;
  for (const std::int64_t first : {0, 53}) {
    const std::vector<std::int64_t> ids(ids_.begin() + first, ids_.begin() + first + 53);
    const DocumentRun run = run_one(tiny_.model(), *method, settings, ids);
    for (const double nll : run.nll_nats) sum += nll / static_cast<double>(run.nll_nats.size());
  }
  ASSERT_EQ(study.runs[1].method.name, "h2o");
  EXPECT_NEAR(study.runs[1].repeats[0].mean_nll, sum / 2, 1e-12);
  EXPECT_NE(study.runs[0].repeats[0].mean_nll, study.runs[1].repeats[0].mean_nll);
}

TEST_F(StudyOfATinyModel, TakesTurnsInRoundsAndStopsWhenToldTo) {
  request_.lengths = {24};
  std::vector<std::int64_t> rounds;
  std::set<std::string> names;
  request_.on_run = [&](std::int64_t round, std::size_t done, std::size_t all,
                        const std::string& name) {
    EXPECT_EQ(all, 3U);
    EXPECT_EQ(done, rounds.size() % 3);
    rounds.push_back(round);
    names.insert(name);
  };
  study_decoding(request_, host_, RunControl());
  EXPECT_EQ(rounds, (std::vector<std::int64_t>{1, 1, 1, 2, 2, 2}));
  EXPECT_EQ(names.size(), 3U);
  RunControl stop;
  stop.stop_requested = [] { return true; };
  EXPECT_THROW(study_decoding(request_, host_, stop), Interrupted);
}

}  // namespace
}  // namespace pressroom::decode_study_test
