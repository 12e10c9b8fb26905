// Every method under every protocol that allows it: both engines, one answer.
#include <cstdlib>

#include "campaign/bind_method.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "engine/eviction.h"
#include "engine/invariants.h"
#include "engine_comparison.h"
#include "stream_test_support.h"
#include "test_folders.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// In parameters that fit a budget of 16 out of 60 tokens.
constexpr const char* kMethods[] = {
    "h2o",
    "h2o_20_80",
    "{name: h2o, share: layer}",
    "{name: lazy_h2o, n_sink: 2, update_interval: 3}",
    "{name: lazy_h2o, n_sink: 2, update_interval: 3, share: layer}",
    "streaming_llm",
    "{name: local_strided, local_window: 6, stride: 5}",
    "random",
    "{name: sepllm, n_sink: 2, separators: 4, local: 5, capacity: 16, separator_ids: [3, 9, 20]}",
    "{name: unified, n_sink: 2, separators: 4, heavy: 4, local: 5, separator_ids: [3, 9, 20]}",
    "{name: lazy_unified, n_sink: 2, separators: 4, heavy: 4, local: 5, separator_ids: [3, 9, 20]}",
    "cab",
    "{name: cab, share: layer}",
    "cab_v3",
    "cab_v4",
    "observed_attention",
    "knorm",
    "{name: expected_attention, n_future_positions: 16}",
    "{name: snapkv, window_size: 4, kernel_size: 3}",
    "tova",
    "{name: tova, share: kv_head}",
    "keydiff",
    "{name: lagkv, n_sink: 2, lag_size: 5}",
    "cur",
    "{name: finch, window_size: 4}",
    "{name: think, window_size: 4, key_channel_compression_ratio: 0.5}",
    "leverage",
    "{name: non_causal_attention, chunk_size: 7}",
    "{name: compactor, sink_size_start: 2, sink_size_end: 2, chunk_size: 7}",
    "{name: cap, n_future_positions: 16}",
    "{name: simlayerkv, lazy_threshold: 0.4, n_recent: 6, n_initial: 2}",
    "kvzip",
    "{name: kvzip, layerwise: true, kvzip_plus_normalization: true}",
    "{name: adakv, inner: keydiff}",
    "{name: adakv, inner: h2o}",
    "{name: adakv, inner: {name: criticalkv, inner: {name: tova, share: kv_head}}}",
    "{name: criticalkv, inner: keydiff}",
    "{name: pyramidkv, window_size: 4, beta: 4, inner: {name: snapkv, window_size: 4}}",
    "{name: chunk, chunk_length: 9, inner: knorm}",
    "{name: chunkkv, chunk_length: 4, inner: {name: snapkv, window_size: 4}}",
    "{name: block, block_size: 5, inner: keydiff}",
    "{name: dms, threshold: -1.0, window: 6, inner: knorm}",
    "{name: decoding, compression_interval: 3, inner: streaming_llm}",
    "{name: prefill_decoding, prefilling: keydiff, decoding: knorm}",
    "{name: composed, first: knorm, second: keydiff}",
    "{name: rerotate, inner: knorm}",
};

constexpr const char* kProtocols[] = {"stream", "{kind: chunked, chunk_size: 7}",
                                      "{kind: prefill, prefill_tokens: 40}",
                                      "{kind: prefill, prefill_tokens: 40, continuation: hold}"};

constexpr std::int64_t kBudget = 16;
constexpr std::int64_t kTokens = 60;

class MethodEngines : public testing::TestWithParam<const char*> {
 protected:
  MethodEngines()
      : files_(model_in(test_dir() / "goldens/models" / GetParam())), model_(Model::load(files_)) {}

  // Whether the method can run under the protocol at all.
  bool is_allowed(const RunSettings& settings) const {
    try {
      check_setting(settings.plan, settings.protocol, settings.positions, "the method");
    } catch (const Error&) {
      return false;
    }
    return !settings.plan.couples_layers &&
           !inert(settings.plan, settings.protocol, settings.budget_tokens, kTokens, "")
                .has_value();
  }

  PluginHost host_{{plugin_dir()}};
  ModelFiles files_;
  std::unique_ptr<Model> model_;
};

TEST_P(MethodEngines, GiveOneAnswer) {
  TinyShape shape;
  shape.vocabulary = model_->facts().vocabulary;
  const TokenDocument document = {"one", random_ids(kTokens, shape, RandomKey(31))};
  int runs = 0;
  int parted = 0;
  for (const char* yaml : kMethods) {
    const auto method = make_configured_method(
        parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_), host_);
    bind_method(*method, yaml, files_, model_->facts());
    int allowed = 0;
    for (const char* protocol : kProtocols) {
      SCOPED_TRACE(std::string(yaml) + ", " + protocol);
      RunSettings settings = settings_of(*method, kBudget);
      settings.plan = checked_plan(*method, kBudget, yaml);
      settings.protocol = parse_protocol(protocol, "the test");
      settings.threads = 2;
      settings.check_views = true;
      settings.reading.between = {1, 2, 3};
      if (!is_allowed(settings)) continue;
      ++allowed;
      ++runs;
      const DocumentRun replayed =
          replay_documents(*model_, *method, settings, {document}, RunControl()).front();
      const DocumentRun decoded =
          decode_documents(*model_, *method, settings, {document}, RunControl()).front();
      EXPECT_NO_THROW(check_invariants(replayed, settings, document));
      EXPECT_NO_THROW(check_invariants(decoded, settings, document));
      EXPECT_EQ(replayed.bytes_per_entry, decoded.bytes_per_entry);
      if (left_after(replayed) != left_after(decoded)) {
        ++parted;
        std::cout << "parted: " << GetParam() << ", " << yaml << ", " << protocol << "\n";
        continue;
      }
      EXPECT_LE(largest_difference(replayed.nll_nats, decoded.nll_nats), 1e-4);
    }
    EXPECT_GE(allowed, 1) << yaml;
  }
  // Where scores differ by rounding alone the engines may keep different entries.
  EXPECT_LE(parted, runs / 50) << "of " << runs;
}

INSTANTIATE_TEST_SUITE_P(Families, MethodEngines,
                         testing::Values("llama3_rope", "gpt_neox_parallel", "qwen3"));

}  // namespace
}  // namespace pressroom
