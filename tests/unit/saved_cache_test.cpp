// Saved caches: a sequence that is taken up goes on as if it had never been put down, and what
// cannot go on is refused.
#include "saved_cache/saved_cache.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "admission/bind_method.h"
#include "base/sha256.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "engine/eviction/layer_state.h"
#include "every_method.h"
#include "stream_test_support.h"
#include "test_folders.h"
#include "weights/safetensors.h"

namespace pressroom::saved_cache_test {
namespace {

namespace fs = std::filesystem;
using Indices = std::vector<std::int64_t>;

constexpr std::int64_t kTokens = 60;
constexpr std::int64_t kPrompt = 40;
constexpr std::int64_t kBudget = 16;

const TinyModel& tiny() {
  static const TinyModel model(TinyShape(), RandomKey(1));
  return model;
}

Indices ids_of(std::int64_t count) { return random_ids(count, TinyShape(), RandomKey(2)); }

// The parts that only this says: hashes of files need not be of files here.
SavedSequenceOrigin some_origin(const std::string& method) {
  SavedSequenceOrigin origin;
  origin.model = {"c0", "w0", "t0"};
  origin.method = method;
  origin.method_version = "1.0.0";
  origin.method_sha256 = "m0";
  return origin;
}

// Under `continuation`, in the method's own positions.
RunSettings settings_for(const Method& method, std::int64_t budget, Continuation continuation) {
  RunSettings settings = settings_of(method, budget);
  settings.protocol.kind = ProtocolKind::kPrefill;
  settings.protocol.prefill_tokens = kPrompt;
  settings.protocol.continuation = continuation;
  settings.reading.between = {1, 2, 3};
  settings.threads = 2;
  return settings;
}

// Feeds ids[from] .. and says each token's logits.
std::vector<float> fed(Sequence& sequence, const Indices& ids, std::size_t from, std::size_t to) {
  const std::int64_t vocabulary = tiny().model().facts().vocabulary;
  std::vector<float> all;
  for (std::size_t t = from; t < to; ++t) {
    const float* logits = sequence.feed(ids[t]);
    all.insert(all.end(), logits, logits + vocabulary);
  }
  return all;
}

void expect_same_bits(const std::vector<float>& got, const std::vector<float>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0);
}

void expect_same_sizes(const SequenceSizes& got, const SequenceSizes& expected) {
  EXPECT_EQ(got.entries, expected.entries);
  EXPECT_EQ(got.most_entries, expected.most_entries);
  EXPECT_EQ(got.bytes, expected.bytes);
  EXPECT_EQ(got.evicted, expected.evicted);
}

class SavedCache : public testing::Test {
 protected:
  // One that has been fed `tokens` of ids_of(kTokens), put down in file().
  void save(const Method& method, const RunSettings& settings, std::size_t tokens) {
    const Indices ids = ids_of(kTokens);
    Sequence sequence(tiny().model(), method, settings, "one", kTokens);
    sequence.prefill({ids.begin(), ids.begin() + kPrompt});
    fed(sequence, ids, kPrompt, tokens);
    save_sequence(sequence, some_origin("a method"), file());
  }

  // `uninterrupted` against one that is put down after `tokens` and taken up by another object.
  void expect_goes_on(const Method& method, const RunSettings& settings, std::size_t tokens,
                      std::vector<float> uninterrupted, const SequenceSizes& sizes) {
    const Indices ids = ids_of(kTokens);
    save(method, settings, tokens);
    const SavedCacheFacts facts = saved_cache_facts(file());
    EXPECT_EQ(facts.tokens, static_cast<std::int64_t>(tokens));
    EXPECT_EQ(facts.prompt_tokens, kPrompt);
    Sequence again(tiny().model(), method, settings, "one", kTokens);
    load_sequence(again, some_origin("a method"), file());
    EXPECT_EQ(again.ids(), Indices(ids.begin(), ids.begin() + static_cast<std::int64_t>(tokens)));
    // Of the rest alone.
    const std::size_t skipped = (tokens - kPrompt) * 40;
    uninterrupted.erase(uninterrupted.begin(),
                        uninterrupted.begin() + static_cast<std::int64_t>(skipped));
    expect_same_bits(fed(again, ids, tokens, kTokens), uninterrupted);
    expect_same_sizes(again.sizes(), sizes);
  }

  fs::path file() const { return folder_.path() / "saved.safetensors"; }

  ScratchFolder folder_;
  PluginHost host_{{plugin_dir()}};
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
      const std::vector<float> uninterrupted = fed(whole, ids, kPrompt, kTokens);
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
      const std::vector<float> uninterrupted = fed(whole, ids, kPrompt, kTokens);
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

TEST_F(SavedCache, IsRefusedWhereItWasMadeFromSomethingElse) {
  const auto h2o = plugin_method("h2o");
  const RunSettings settings = settings_for(*h2o, kBudget, Continuation::kHold);
  save(*h2o, settings, kPrompt);
  struct Case {
    std::function<void(SavedSequenceOrigin&, RunSettings&)> change;
    std::string expected;
    std::string got;
  };
  using Origin = SavedSequenceOrigin;
  for (const Case& c : std::vector<Case>{
           {[](Origin&o, RunSettings&) { o.model.weights = "w1"; }, "weights_sha256 w1",
            "weights_sha256 w0"},
           {[](Origin&o, RunSettings&) { o.model.config = "c1"; }, "config_sha256 c1",
            "config_sha256 c0"},
           {[](Origin&o, RunSettings&) { o.model.tokenizer = "t1"; }, "tokenizer_sha256 t1",
            "tokenizer_sha256 t0"},
           {[](Origin&o, RunSettings&) { o.method = "another"; }, "method another",
            "method a method"},
           {[](Origin&o, RunSettings&) { o.method_version = "2.0.0"; }, "method_version 2.0.0",
            "method_version 1.0.0"},
           {[](Origin&o, RunSettings&) { o.method_sha256 = "m1"; }, "method_sha256 m1",
            "method_sha256 m0"},
           {[](Origin&o, RunSettings&) { o.method_files_sha256 = {"f1"}; },
            "method_file_0_sha256 f1", "method_file_0_sha256 none"},
           {[](Origin&, RunSettings&s) { s.budget_tokens = 17; }, "budget_tokens 17",
            "budget_tokens 16"},
           {[](Origin&, RunSettings&s) { s.positions = Positions::kCacheIndex; },
            "positions cache_index", "positions original"},
           {[](Origin&, RunSettings&s) { s.protocol.continuation = Continuation::kGrow; },
            "evicted prompt", "evicted both"},
           {[](Origin&, RunSettings&s) { s.plan.phases = Phases::kDecoding; }, "evicted after",
            "evicted both"},
           {[](Origin&o, RunSettings&s) {
              o.method = "another";
              s.budget_tokens = 18;
            },
            "method another, budget_tokens 18", "method a method, budget_tokens 16"}}) {
    SavedSequenceOrigin origin = some_origin("a method");
    RunSettings other = settings;
    c.change(origin, other);
    Sequence again(tiny().model(), *h2o, other, "one", kTokens);
    const Problem problem = problem_of([&] { load_sequence(again, origin, file()); });
    EXPECT_EQ(problem.what, "the saved cache was made from something else");
    EXPECT_EQ(problem.where, file().string());
    EXPECT_EQ(problem.expected, c.expected);
    EXPECT_EQ(problem.got, c.got);
  }
}

TEST_F(SavedCache, OtherRandomNumbersMatterToPoliciesThatDrawSomeMore) {
  const auto random = plugin_method("random");
  for (const Continuation continuation : {Continuation::kGrow, Continuation::kHold}) {
    RunSettings settings = settings_for(*random, kBudget, continuation);
    save(*random, settings, kPrompt);
    settings.random = RandomKey(43);
    Sequence again(tiny().model(), *random, settings, "one", kTokens);
    if (continuation == Continuation::kGrow) {
      EXPECT_NO_THROW(load_sequence(again, some_origin("a method"), file()));
    } else {
      EXPECT_THROW(load_sequence(again, some_origin("a method"), file()), Error);
    }
  }
}

// What a failed load leaves must serve as if nothing had been tried.
void expect_untouched(Sequence& sequence, const std::vector<float>& expected) {
  const Indices ids = ids_of(kTokens);
  sequence.prefill({ids.begin(), ids.begin() + kPrompt});
  expect_same_bits(fed(sequence, ids, kPrompt, kTokens), expected);
}

TEST_F(SavedCache, DamageIsNoticedWhereverItIs) {
  const auto h2o = plugin_method("h2o");
  const RunSettings settings = settings_for(*h2o, kBudget, Continuation::kHold);
  save(*h2o, settings, kPrompt);
  const std::string whole = read_file(file());
  const Indices ids = ids_of(kTokens);
  Sequence uninterrupted(tiny().model(), *h2o, settings, "one", kTokens);
  uninterrupted.prefill({ids.begin(), ids.begin() + kPrompt});
  const std::vector<float> expected = fed(uninterrupted, ids, kPrompt, kTokens);
  Sequence again(tiny().model(), *h2o, settings, "one", kTokens);
  const auto expect_refused = [&](const std::string& bytes, const std::string& what) {
    write_file(file(), bytes);
    EXPECT_THROW(load_sequence(again, some_origin("a method"), file()), Error) << what;
  };
  for (std::size_t size = 0; size < whole.size(); size += size < 5000 ? 31 : 331) {
    expect_refused(whole.substr(0, size), "cut off at " + std::to_string(size));
  }
  expect_refused(whole + "x", "one byte more");
  for (std::size_t at = 0; at < whole.size(); at += at < 5000 ? 11 : 197) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    expect_refused(bytes, "bit flipped at " + std::to_string(at));
  }
  expect_untouched(again, expected);
}

TEST_F(SavedCache, OtherFilesAreRefusedByWhatTheyAre) {
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_for(*dense, kTokens, Continuation::kGrow);
  save(*dense, settings, kPrompt);
  std::string bytes = read_file(file());
  const std::string version = "\"format_version\":\"2\"";
  bytes.replace(bytes.find(version), version.size(), "\"format_version\":\"3\"");
  write_file(folder_.path() / "newer", bytes);
  write_file(folder_.path() / "text", "a text, not a cache");
  struct Case {
    fs::path file;
    std::string what;
  };
  for (const Case& c : std::vector<Case>{
           {tiny().directory() / "model.safetensors", "not a saved cache"},
           {folder_.path() / "newer", "the saved cache is of another version of the format"},
           {folder_.path() / "text", "not a whole safetensors file"},
           {folder_.path() / "missing", "cannot read the saved cache"}}) {
    Sequence again(tiny().model(), *dense, settings, "one", kTokens);
    for (const bool whole : {false, true}) {
      const Problem problem = problem_of([&] {
        whole ? load_sequence(again, some_origin("a method"), c.file)
              : static_cast<void>(saved_cache_facts(c.file));
      });
      EXPECT_EQ(problem.what, c.what);
      EXPECT_NE(problem.where.find(c.file.string()), std::string::npos);
    }
  }
}

TEST_F(SavedCache, IsRefusedWhereThereIsNoRoomForIt) {
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_for(*dense, kTokens, Continuation::kGrow);
  save(*dense, settings, kPrompt + 1);
  Sequence small(tiny().model(), *dense, settings, "one", kPrompt);
  const Problem problem =
      problem_of([&] { load_sequence(small, some_origin("a method"), file()); });
  EXPECT_EQ(problem.expected, "at most 40 tokens");
  EXPECT_EQ(problem.got, "41");
}

// Arrays whose sum is right and whose content is not: of a writer with a mistake.
TEST_F(SavedCache, EntriesThatAreNoTokensOfTheTextAreRefused) {
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_for(*dense, kTokens, Continuation::kGrow);
  const Indices ids = ids_of(kTokens);
  Sequence sequence(tiny().model(), *dense, settings, "one", kTokens);
  sequence.prefill({ids.begin(), ids.begin() + kPrompt});
  struct Case {
    std::string array;
    std::int64_t index;
    std::int64_t value;
  };
  for (const Case& c : std::vector<Case>{{"ids", 3, 40},
                                         {"ids", 3, -1},
                                         {"ids", 3, (ids[3] + 1) % 40},
                                         {"entries", 0, kPrompt + 1},
                                         {"entries", 1, -1},
                                         {"layers.0.positions", 0, -1},
                                         {"layers.0.positions", 5, 4},
                                         {"layers.1.positions", kPrompt - 1, kPrompt},
                                         {"layers.1.token_ids", 2, (ids[2] + 1) % 40}}) {
    Sequence again(tiny().model(), *dense, settings, "one", kTokens);
    const std::vector<StoredArray> stored = sequence.stored();
    std::size_t next = 0;
    const auto fill = [&](const StoredArray& array) {
      const StoredArray& from = stored.at(next++);
      EXPECT_EQ(array.name, from.name);
      std::string bytes;
      for (const StoredPiece& piece : from.pieces) {
        bytes.append(piece.bytes, static_cast<std::size_t>(piece.size));
      }
      if (array.name == c.array) {
        const std::int64_t width = array.dtype == "I64" ? 8 : 4;  // the low half comes first
        std::memcpy(bytes.data() + c.index * width, &c.value, static_cast<std::size_t>(width));
      }
      std::size_t at = 0;
      for (const StoredPiece& piece : array.pieces) {
        std::memcpy(piece.bytes, bytes.data() + at, static_cast<std::size_t>(piece.size));
        at += static_cast<std::size_t>(piece.size);
      }
    };
    EXPECT_THROW(again.restore(kPrompt, kPrompt, fill), Error) << c.array << " " << c.value;
  }
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
