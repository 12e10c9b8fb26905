// The account of tests/goldens/kvpress_scores.json: which test looks at which entry, and why the
// others are not looked at.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "fake_layer_view.h"
#include "pressroom/rope.h"
#include "test_folders.h"

namespace pressroom::kvpress_golden_test {
namespace {

const std::map<std::string, std::string> kNotCompared = {
    {"critical_adakv_keydiff_r0.5_maskedbits",
     "no such method: adakv around criticalkv lifts its safeguard after both stages, not before"},
    {"merging_knorm_r0.5_values_h0", "no such method: values of entries that stay are not changed"},
    {"decoding_ratio", "sizes are counts of tokens here; there is no ratio to search for"},
    {"dms_kvzap_linear_ratio", "the share of ones in the entry ..._masked, which is compared"},
    {"dms_kvzap_mlp_h3_ratio", "the share of ones in the entry ..._masked, which is compared"},
};

// Names that a test puts together.
const std::map<std::string, std::vector<std::string>> kNamedInParts = {
    {"kvzip_ctx11_start3_end11_sink4_plus", {"kvzip_ctx11_start3_end11_sink4", "_plus"}},
};

// The sources of tests that ask for goldens and in which `name` stands as a string.
std::string tests_of(const std::string& name) {
  const auto composed = kNamedInParts.find(name);
  const std::vector<std::string> parts =
      composed == kNamedInParts.end() ? std::vector<std::string>{name} : composed->second;
  std::string files;
  for (const auto& file : std::filesystem::directory_iterator(test_dir() / "unit")) {
    const std::string base = file.path().filename().string();
    if (base.size() < 9 || base.substr(base.size() - 9) != "_test.cpp") continue;
    std::ifstream stream(file.path());
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    const auto stands = [&](const std::string& part) {
      return text.find('"' + part + '"') != std::string::npos;
    };
    const bool asks = text.find("golden(") != std::string::npos;
    if (asks && std::all_of(parts.begin(), parts.end(), stands)) files += " " + base;
  }
  return files;
}

std::vector<std::int64_t> ascending(const nlohmann::json& indices) {
  auto sorted = indices.get<std::vector<std::int64_t>>();
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

ScoreRows rows_of(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kDouble).contiguous();
  ScoreRows rows;
  for (std::int64_t i = 0; i < flat.size(0); ++i) {
    const double* first = flat[i].data_ptr<double>();
    rows.emplace_back(first, first + flat.size(1));
  }
  return rows;
}

}  // namespace

TEST(KvpressGolden, EveryEntryIsComparedOrExcused) {
  std::ifstream file(test_dir() / "goldens/kvpress_scores.json");
  const nlohmann::json entries = nlohmann::json::parse(file);
  EXPECT_EQ(entries.size(), 56U);
  for (const auto& [name, excuse] : kNotCompared) {
    EXPECT_TRUE(entries.contains(name)) << name << " is excused and not there";
  }
  for (const auto& [name, entry] : entries.items()) {
    const auto excuse = kNotCompared.find(name);
    const bool excused = excuse != kNotCompared.end();
    const std::string tests = excused ? "" : tests_of(name);
    std::printf("%-40s %s\n", name.c_str(),
                excused ? ("not compared: " + excuse->second).c_str() : tests.c_str());
    EXPECT_TRUE(excused || !tests.empty()) << "no test compares " << name;
  }
}

TEST(KvpressGolden, InputsAreThoseTheFiguresWereComputedFrom) {
  const LayerInputs inputs = layer_inputs();
  const at::Tensor expected[] = {inputs.queries[0][3], inputs.keys[1][5], inputs.values[0][7],
                                 inputs.attention[2][4]};
  const char* names[] = {"q_rope_h0_t3", "k_rope_h1_t5", "v_h0_t7", "attn_h2_t4"};
  for (int i = 0; i < 4; ++i) {
    const nlohmann::json row = nlohmann::json::array({golden("inputs").at(names[i])});
    EXPECT_LT(distance(rows_of(expected[i].unsqueeze(0)), row), 1e-8) << names[i];
  }
}

TEST(KvpressGolden, KnormKeepsTheSameEntriesInAscendingOrder) {
  const auto knorm = golden_method("knorm");
  const struct {
    const char* name;
    std::int64_t budget_tokens;
  } cases[] = {{"kept_order_knorm_r0.5", 8}, {"kept_knorm_r0.8", 3}};
  for (const auto& [name, budget_tokens] : cases) {
    const KeptRows kept = golden_kept(*knorm, budget_tokens);
    for (std::size_t head = 0; head < 2; ++head) {
      EXPECT_EQ(kept.at(head), ascending(golden(name).at(head))) << name;
    }
  }
}

// Attention is summed over the query heads of a group here, and averaged there.
TEST(KvpressGolden, ObservedAttentionIsTwiceTheReferences) {
  ScoreRows scores = golden_scores(*golden_method("observed_attention"));
  for (auto& row : scores) {
    for (double& score : row) score /= 2;
  }
  EXPECT_LT(distance(scores, golden("observed")), 1e-6);
}

TEST(KvpressGolden, CacheIndexPositionsAreKeyRerotation) {
  const LayerInputs inputs = layer_inputs();
  const KeptRows kept = golden_kept(*golden_method("knorm"), 4);
  ScoreRows rows;
  for (std::int64_t head = 0; head < 2; ++head) {
    const at::Tensor indices = at::tensor(kept.at(head), at::kLong);
    const at::Tensor keys = inputs.keys_before_rope[head].index_select(0, indices);
    const ScoreRows turned =
        rows_of(rotated(keys, at::arange(4, at::kLong), golden_model()).flatten().unsqueeze(0));
    rows.insert(rows.end(), turned.begin(), turned.end());
  }
  EXPECT_LT(distance(rows, golden("rerotated_keys_knorm_r0.75")), 1e-6);
}

}  // namespace pressroom::kvpress_golden_test
