// Saved caches: a sequence that is taken up goes on as if it had never been put down, and a method
// that could not is refused.
#include "saved_cache/saved_cache.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "admission/bind_method.h"
#include "base/sha256.h"
#include "engine/eviction/eviction.h"
#include "engine/eviction/layer_state.h"
#include "every_method.h"
#include "saved_cache_test_support.h"
#include "weights/safetensors.h"

namespace pressroom::saved_cache_test {
namespace {

class SavedCache : public SavedCacheFile {
 protected:
  // `uninterrupted` against one that is put down after `tokens` and taken up by another object.
  void expect_goes_on(const Method& method, const RunSettings& settings, std::size_t tokens,
                      Logits uninterrupted, const SequenceSizes& sizes) {
    const Indices ids = ids_of(kTokens);
    save(method, settings, tokens);
    const SavedCacheFacts facts = saved_cache_facts(file());
    EXPECT_EQ(facts.tokens, static_cast<std::int64_t>(tokens));
    EXPECT_EQ(facts.prompt_tokens, kPrompt);
    Sequence again(tiny().model(), method, settings, "one", kTokens);
    load_sequence(again, some_origin("a method"), file());
    EXPECT_EQ(again.ids(), Indices(ids.begin(), ids.begin() + static_cast<std::int64_t>(tokens)));
    // Of the rest alone.
    uninterrupted.erase(uninterrupted.begin(),
                        uninterrupted.begin() + static_cast<std::int64_t>(tokens - kPrompt));
    expect_same_bits(fed(again, ids, tokens, kTokens), uninterrupted);
    expect_same_sizes(again.sizes(), sizes);
  }
};

// Methods of kEveryMethod whose policies keep something between two events: what they have chosen
// or counted, or a method inside that may.
const std::set<std::string> kKeepState = {
    "{name: lazy_h2o, n_sink: 2, update_interval: 3}",
    "{name: lazy_h2o, n_sink: 2, update_interval: 3, share: layer}",
    "{name: lazy_unified, n_sink: 2, separators: 4, heavy: 4, local: 5, separator_ids: [3, 9, 20]}",
    "cab_v3",
    "cab_v4",
    "{name: adakv, inner: {name: criticalkv, inner: {name: tova, share: kv_head}}}",
    "{name: criticalkv, inner: keydiff}",
    "{name: dms, threshold: -1.0, window: 6, inner: knorm}",
    "{name: prefill_decoding, prefilling: keydiff, decoding: knorm}"};

TEST_F(SavedCache, GoesOnBitForBitWhateverTheMethod) {
  std::vector<std::string> methods(std::begin(kEveryMethod), std::end(kEveryMethod));
  methods.emplace_back("dense");
  const Indices ids = ids_of(kTokens);
  int went_on = 0;
  std::set<std::string> refused;
  for (const std::string& yaml : methods) {
    const auto method = make_configured_method(
        parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_), host_);
    bind_method(*method, yaml, tiny().model().files(), tiny().model().facts());
    for (const Continuation continuation : {Continuation::kGrow, Continuation::kHold}) {
      SCOPED_TRACE(yaml + (continuation == Continuation::kGrow ? ", grow" : ", hold"));
      const RunSettings settings = settings_for(*method, kBudget, continuation);
      try {
        check_setting(settings.plan, settings.protocol, settings.positions, yaml);
      } catch (const Error&) {
        continue;
      }
      Sequence whole(tiny().model(), *method, settings, "one", kTokens);
      whole.prefill({ids.begin(), ids.begin() + kPrompt});
      const Logits uninterrupted = fed(whole, ids, kPrompt, kTokens);
      try {
        expect_goes_on(*method, settings, kPrompt, uninterrupted, whole.sizes());
        expect_goes_on(*method, settings, kPrompt + 7, uninterrupted, whole.sizes());
        ++went_on;
      } catch (const Error& error) {
        EXPECT_EQ(continuation, Continuation::kHold);
        EXPECT_NE(std::string(error.what()).find("policies"), std::string::npos) << error.what();
        refused.insert(yaml);
      }
    }
  }
  EXPECT_EQ(refused, kKeepState);
  EXPECT_GE(went_on, 60);
}

TEST_F(SavedCache, GoesOnBitForBitHoweverKeysAndValuesAreHeld) {
  const Indices ids = ids_of(kTokens);
  for (const char* yaml :
       {"h2o", "{name: think, window_size: 4}", "{name: snapkv, window_size: 4}"}) {
    const auto method = make_configured_method(
        parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_), host_);
    for (const KvDtype dtype :
         {KvDtype::kFloat32, KvDtype::kBfloat16, KvDtype::kFloat16, KvDtype::kQ8}) {
      SCOPED_TRACE(std::string(yaml) + ", " + to_string(dtype));
      RunSettings settings = settings_for(*method, kBudget, Continuation::kHold);
      settings.kv_dtype = dtype;
      Sequence whole(tiny().model(), *method, settings, "one", kTokens);
      whole.prefill({ids.begin(), ids.begin() + kPrompt});
      const Logits uninterrupted = fed(whole, ids, kPrompt, kTokens);
      expect_goes_on(*method, settings, kPrompt + 3, uninterrupted, whole.sizes());
    }
  }
}

TEST_F(SavedCache, ATestMethodWithAStateWouldGoOnOtherwise) {
  // Each event drops the entry that a count of events points to: a policy that starts anew would
  // count from 0. So the refusal is about something.
  TestMethod counting(Ranking::kScore);
  auto events = std::make_shared<int>(0);
  counting.on_score = [events](const PolicyContext&, const HeadView& head) {
    at::Tensor scores = at::zeros({head.size()});
    scores[++*events % head.size()] = -1;
    return scores;
  };
  const RunSettings settings = settings_for(counting, kBudget, Continuation::kHold);
  save(counting, settings, kPrompt + 3);
  Sequence again(tiny().model(), counting, settings, "one", kTokens);
  const Problem problem =
      problem_of([&] { load_sequence(again, some_origin("a method"), file()); });
  EXPECT_NE(problem.what.find("policies"), std::string::npos);
  EXPECT_EQ(problem.where, file().string() + ", one");
}

TEST_F(SavedCache, TakenUpAndPutDownAgainIsTheSameFile) {
  for (const char* yaml : {"h2o", "{name: expected_attention, n_future_positions: 16}", "tova",
                           "{name: snapkv, window_size: 4, kernel_size: 3}"}) {
    const auto method = make_configured_method(
        parse_plugin_use(yaml, PluginKind::kMethod, "the test", host_), host_);
    for (const Continuation continuation : {Continuation::kGrow, Continuation::kHold}) {
      const RunSettings settings = settings_for(*method, kBudget, continuation);
      save(*method, settings, kPrompt + 5);
      const std::string first = read_file(file());
      Sequence again(tiny().model(), *method, settings, "one", 3 * kTokens);
      load_sequence(again, some_origin("a method"), file());
      save_sequence(again, some_origin("a method"), file());
      EXPECT_EQ(read_file(file()), first) << yaml;
    }
  }
}

// Without them entries that were fed in between would outlive all others at the next eviction.
TEST_F(SavedCache, KeepsScoresGivenAtBirthWhereNoEvictionFitsInBetween) {
  const auto method = make_configured_method(
      parse_plugin_use("{name: decoding, compression_interval: 64, inner: knorm}",
                       PluginKind::kMethod, "the test", host_),
      host_);
  const RunSettings settings = settings_for(*method, kBudget, Continuation::kHold);
  const Indices ids = ids_of(70);
  const Indices prompt(ids.begin(), ids.begin() + kPrompt);
  Sequence whole(tiny().model(), *method, settings, "one", 70);
  whole.prefill(prompt);
  save_sequence(whole, some_origin("a method"), file());
  // Room that ends before the event behind token 64.
  Sequence between(tiny().model(), *method, settings, "one", kPrompt + 10);
  load_sequence(between, some_origin("a method"), file());
  for (std::int64_t i = kPrompt; i < kPrompt + 10; ++i) between.feed(ids[i]);
  save_sequence(between, some_origin("a method"), file());
  Sequence rest(tiny().model(), *method, settings, "one", 70);
  load_sequence(rest, some_origin("a method"), file());
  for (std::int64_t i = kPrompt; i < 70; ++i) {
    const float* expected = whole.feed(ids[i]);
    if (i < kPrompt + 10) continue;
    const float* got = rest.feed(ids[i]);
    ASSERT_TRUE(std::equal(expected, expected + TinyShape().vocabulary, got)) << "token " << i;
  }
  EXPECT_LT(whole.sizes().most_entries, 70) << "nothing was evicted";
}

TEST_F(SavedCache, HoldsWhatTheCachesHold) {
  const auto h2o = plugin_method("h2o");
  const RunSettings settings = settings_for(*h2o, kBudget, Continuation::kGrow);
  const Indices ids = ids_of(kTokens);
  Sequence sequence(tiny().model(), *h2o, settings, "one", kTokens);
  sequence.prefill({ids.begin(), ids.begin() + kPrompt});
  save_sequence(sequence, some_origin("a method"), file());
  const SafetensorsFile saved(file());
  for (const char* name : {"keys", "values", "attention"}) {
    for (std::size_t layer = 0; layer < sequence.layers().size(); ++layer) {
      const std::string tensor = "layers." + std::to_string(layer) + "." + name;
      std::int64_t row = 0;
      for (const HeadCache& head : sequence.layers()[layer].heads()) {
        const std::string what = name;
        const std::int64_t width = what == "attention" ? 1 : TinyShape().head_dim;
        const float* held = (what == "keys" ? head.keys() : head.values()).floats();
        if (what == "attention") held = head.attention();
        std::vector<float> read(static_cast<std::size_t>(head.size() * width));
        saved.read_rows(tensor, row, head.size(), read.data());
        EXPECT_EQ(std::memcmp(read.data(), held, read.size() * sizeof(float)), 0) << tensor;
        row += head.size();
      }
      EXPECT_EQ(saved.shape(tensor).front(), row);
    }
  }
  EXPECT_EQ(saved.shape("ids"), Indices{kPrompt});
}

TEST_F(SavedCache, ItsOriginHasTheHashesOfTheFiles) {
  const ScratchFolder folder;
  write_model(folder.path(), TinyShape(), tiny().weights());
  write_file(folder.path() / "tokenizer.json", "{}");
  const ModelFiles files = model_in(folder.path());
  const PluginUse use =
      parse_plugin_use("{name: h2o, n_sink: 2}", PluginKind::kMethod, "the test", host_);
  const auto method = make_configured_method(use, host_);
  const SavedSequenceOrigin origin = origin_of(files, use, *method, host_);
  EXPECT_EQ(origin.model.config, sha256_file(files.config));
  EXPECT_EQ(origin.model.weights, sha256_file(files.weights.front()));
  EXPECT_EQ(origin.model.tokenizer, sha256_file(files.tokenizer));
  EXPECT_EQ(origin.method, use.text());
  EXPECT_EQ(origin.method_sha256, method_sha256(use, host_));
  EXPECT_TRUE(origin.method_files_sha256.empty());
}

}  // namespace
}  // namespace pressroom::saved_cache_test
