// Whole runs over caches that hold keys and values in fewer bits, on both engines.
#include <ATen/ATen.h>

#include "config/config.h"
#include "engine/attention/layer_tensors.h"
#include "engine/invariants.h"
#include "engine_comparison.h"
#include "stream_test_support.h"

namespace pressroom::kv_dtype_runs_test {
namespace {

// What rounding may make of a last bit in which the engines differ: a whole step of the dtype in one
// channel, and its way through the layers.
struct Tolerance {
  KvDtype dtype;
  double nll_nats;
};

constexpr Tolerance kTolerances[] = {{KvDtype::kFloat32, 1e-4},
                                     {KvDtype::kBfloat16, 2e-2},
                                     {KvDtype::kFloat16, 3e-3},
                                     {KvDtype::kQ8, 2e-2}};

constexpr const char* kProtocols[] = {"stream", "{kind: chunked, chunk_size: 7}",
                                      "{kind: prefill, prefill_tokens: 30, continuation: hold}"};

// Keys that the attention kernels read as they lie, and keys that they cannot.
TinyShape shape_of(std::int64_t head_dim) {
  TinyShape shape;
  shape.head_dim = head_dim;
  return shape;
}

std::vector<NamedMethod> methods() {
  std::vector<NamedMethod> all;
  for (const char* name : {"dense", "h2o", "knorm", "streaming_llm"}) {
    all.push_back({name, plugin_method(name)});
  }
  auto demand = std::make_shared<TestMethod>(Ranking::kScore);
  demand->eviction_plan.interval = 3;
  demand->on_score = [](const PolicyContext&, const HeadView& head) {
    return head.values().norm(2, -1) - head.keys().norm(2, -1);
  };
  all.push_back({"on demand", demand});
  return all;
}

DocumentRun run(Engine engine, const Model& model, const Method& method, RunSettings settings,
                KvDtype dtype, const TokenDocument& document) {
  settings.kv_dtype = dtype;
  return run_documents(engine, model, method, settings, {document}, RunControl()).front();
}

TEST(KvDtypeRuns, EnginesAgree) {
  int partings = 0;
  int runs = 0;
  for (const std::int64_t head_dim : {4, 32}) {
    const TinyModel tiny(shape_of(head_dim), RandomKey(1).with(head_dim));
    const TokenDocument document = {"one", random_ids(60, tiny.shape(), RandomKey(2))};
    for (const NamedMethod& named : methods()) {
      for (const char* protocol : kProtocols) {
        for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
          for (const Tolerance& of : kTolerances) {
            SCOPED_TRACE(named.name + ", " + protocol + ", " + to_string(positions) + ", " +
                         to_string(of.dtype) + ", head dim " + std::to_string(head_dim));
            RunSettings settings = settings_of(*named.method, 16, positions);
            settings.protocol = parse_protocol(protocol, "test");
            const DocumentRun replayed =
                run(Engine::kReplay, tiny.model(), *named.method, settings, of.dtype, document);
            const DocumentRun decoded =
                run(Engine::kDecode, tiny.model(), *named.method, settings, of.dtype, document);
            settings.kv_dtype = of.dtype;
            EXPECT_NO_THROW(check_invariants(replayed, settings, document));
            EXPECT_EQ(replayed.bytes_per_entry, decoded.bytes_per_entry);
            EXPECT_EQ(replayed.entries_per_step, decoded.entries_per_step);
            ++runs;
            if (const auto parting = first_parting(replayed, decoded)) {
              EXPECT_TRUE(parting->is_tie || of.dtype != KvDtype::kFloat32);
              ++partings;
              continue;
            }
            EXPECT_LE(largest_difference(replayed.nll_nats, decoded.nll_nats), of.nll_nats);
          }
        }
      }
    }
  }
  // A step of rounding that flipped where entries nearly tied. A flaw would show in most.
  EXPECT_LE(partings, runs / 20);
}

TEST(KvDtypeRuns, BudgetOfTheWholeDocumentIsDenseBitForBit) {
  const TinyModel tiny(shape_of(16), RandomKey(11));
  const TokenDocument document = {"one", random_ids(70, tiny.shape(), RandomKey(12))};
  const auto dense = plugin_method("dense");
  for (const Tolerance& of : kTolerances) {
    for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
      const DocumentRun expected =
          run(engine, tiny.model(), *dense, settings_of(*dense, 70), of.dtype, document);
      for (const NamedMethod& named : methods()) {
        const RunSettings settings = settings_of(*named.method, 70, Positions::kOriginal);
        const DocumentRun got =
            run(engine, tiny.model(), *named.method, settings, of.dtype, document);
        EXPECT_EQ(got.nll_nats, expected.nll_nats)
            << named.name << ", " << to_string(of.dtype) << ", " << to_string(engine);
      }
    }
  }
}

// It is no empty word: each dtype gives numbers of its own, and those near float32's.
TEST(KvDtypeRuns, RoundingShowsAndIsSmall) {
  const TinyModel tiny(shape_of(32), RandomKey(21));
  const TokenDocument document = {"one", random_ids(70, tiny.shape(), RandomKey(22))};
  const auto dense = plugin_method("dense");
  for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
    std::vector<std::vector<double>> seen;
    for (const Tolerance& of : kTolerances) {
      const DocumentRun got =
          run(engine, tiny.model(), *dense, settings_of(*dense, 70), of.dtype, document);
      for (const auto& other : seen) EXPECT_NE(got.nll_nats, other) << to_string(of.dtype);
      seen.push_back(got.nll_nats);
      EXPECT_LE(largest_difference(got.nll_nats, seen.front()), 0.2) << to_string(of.dtype);
    }
  }
}

// 2 vectors of 32 channels, and 4 bytes of statistic where h2o keeps one.
TEST(KvDtypeRuns, BytesAreThoseHeld) {
  const TinyModel tiny(shape_of(32), RandomKey(31));
  const TokenDocument document = {"one", random_ids(40, tiny.shape(), RandomKey(32))};
  struct Case {
    KvDtype dtype;
    std::int64_t vector;
  };
  for (const Case& c : {Case{KvDtype::kFloat32, 128},
                        {KvDtype::kBfloat16, 64},
                        {KvDtype::kFloat16, 64},
                        {KvDtype::kQ8, 34}}) {
    for (const auto& [name, statistic] : {std::pair{"dense", 0}, {"h2o", 4}}) {
      const auto method = plugin_method(name);
      for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
        const DocumentRun got =
            run(engine, tiny.model(), *method, settings_of(*method, 16), c.dtype, document);
        EXPECT_EQ(got.bytes_per_entry, 2 * c.vector + statistic) << name << to_string(c.dtype);
      }
    }
  }
}

// A policy sees what attention reads, at birth and later: every number is one that the dtype has.
TEST(KvDtypeRuns, PoliciesAreShownRoundedNumbers) {
  const TinyModel tiny(shape_of(32), RandomKey(41));
  const TokenDocument document = {"one", random_ids(40, tiny.shape(), RandomKey(42))};
  for (const Tolerance& of : kTolerances) {
    for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
      for (const Engine engine : {Engine::kReplay, Engine::kDecode}) {
        SCOPED_TRACE(std::string(to_string(of.dtype)) + ", " + to_string(positions) + ", " +
                     to_string(engine));
        std::int64_t looks = 0;
        const auto expect_rounded = [&](const at::Tensor& shown) {
          EXPECT_TRUE(at::equal(rounded(shown.contiguous(), of.dtype), shown));
          ++looks;
        };
        TestMethod method(Ranking::kScore);
        method.eviction_plan.birth_scores = true;
        method.eviction_plan.needs.keys_before_rope = true;
        const bool is_turned_later = positions == Positions::kCacheIndex;
        method.on_birth_scores = [&](const PolicyContext&, const EntriesView& entries) {
          expect_rounded(entries.values());
          expect_rounded(entries.keys_before_rope());
          if (!is_turned_later) expect_rounded(entries.keys());
          return entries.keys().norm(2, -1);
        };
        method.on_score = [&](const PolicyContext&, const HeadView& head) {
          expect_rounded(head.values());
          expect_rounded(head.keys_before_rope());
          if (is_turned_later) return head.birth_scores();
          expect_rounded(head.keys());
          // The same keys as at birth: nothing is rounded twice.
          EXPECT_TRUE(at::allclose(head.birth_scores(), head.keys().norm(2, -1), 1e-6, 1e-6));
          return head.birth_scores();
        };
        RunSettings settings = settings_of(method, 16, positions);
        run(engine, tiny.model(), method, settings, of.dtype, document);
        EXPECT_GT(looks, 100);
      }
    }
  }
}

}  // namespace
}  // namespace pressroom::kv_dtype_runs_test
