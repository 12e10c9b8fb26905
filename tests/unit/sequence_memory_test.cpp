// What a growing sequence has from the allocator, and when it asks for more.
#include <ATen/ATen.h>

#include "config/config.h"
#include "config/plugin_use.h"
#include "counted_memory.h"
#include "engine/eviction/layer_state.h"
#include "sequence_test_support.h"

namespace pressroom::sequence_test {
namespace {

// Heads of 64 channels, as most models have: positions and ids are small beside those.
const TinyModel& wide() {
  static const TinyModel model(
      [] {
        TinyShape shape;
        shape.head_dim = 64;
        return shape;
      }(),
      RandomKey(3));
  return model;
}

TEST(Sequence, HasLittleMoreFromTheAllocatorThanItsEntriesTake) {
  constexpr std::int64_t kLongPrompt = 200;
  constexpr std::int64_t kMore = 300;
  const Indices ids = ids_of(kLongPrompt + kMore);
  for (const char* name : {"dense", "h2o", "streaming_llm"}) {
    const auto method = plugin_method(name);
    for (const KvDtype dtype :
         {KvDtype::kFloat32, KvDtype::kBfloat16, KvDtype::kFloat16, KvDtype::kQ8}) {
      for (const Continuation continuation : {Continuation::kGrow, Continuation::kHold}) {
        SCOPED_TRACE(std::string(name) + ", " + to_string(dtype));
        RunSettings settings = settings_of(*method, 64);
        settings.protocol.continuation = continuation;
        settings.kv_dtype = dtype;
        Sequence sequence(wide().model(), *method, settings, "one", kLongPrompt + kMore);
        const auto share = [&] {
          const SequenceSizes sizes = sequence.sizes();
          return static_cast<double>(sizes.allocated_bytes) / static_cast<double>(sizes.bytes);
        };
        sequence.prefill({ids.begin(), ids.begin() + kLongPrompt});
        EXPECT_LE(share(), 1.15) << "after the prompt";
        for (std::int64_t t = kLongPrompt; t < kLongPrompt + kMore; ++t) {
          sequence.feed(ids[t]);
          ASSERT_LE(share(), 1.15) << "token " << t;
        }
        EXPECT_GE(share(), 1);
      }
    }
  }
}

// 2 layers of 2 KV heads and 4 query heads, all of 4 channels; rows of 16 inputs and of (4 + 2 * 2)
// * 4 queries, keys and values. Tokens behind the prompt note no row of theirs.
TEST(Sequence, CountsWhatItHasBesideEntries) {
  constexpr std::int64_t kRoom = 30;
  const Indices prompt = {7, 3, 7, 9, 3, 7};  // three different ones
  const std::int64_t logs = 2 * 2 * kRoom * 8;
  const std::int64_t first_rows = 3 * 32 * 4;
  struct Case {
    std::string method;
    std::int64_t beside;
  };
  for (const Case& c :
       {Case{"dense", first_rows + logs},
        {"{name: snapkv, window_size: 4}", first_rows + logs + 2 * 4 * 4 * 4 * 4}}) {
    PluginHost host({plugin_dir()});
    const auto method = make_configured_method(
        parse_plugin_use(c.method, PluginKind::kMethod, "the test", host), host);
    Sequence sequence(tiny().model(), *method, settings_of(*method, 20), "one", kRoom);
    sequence.prefill(prompt);
    EXPECT_EQ(sequence.sizes().beside_bytes, c.beside) << c.method;
    sequence.feed(11);
    EXPECT_EQ(sequence.sizes().beside_bytes, c.beside) << c.method;
  }
}

// Room for the inputs of all tokens in both layers, whatever is held.
TEST(Sequence, CountsTheInputsOfAllTokensWhereTheyAreKept) {
  TestMethod looking(Ranking::kScore);
  looking.eviction_plan.needs.held_inputs = true;
  looking.on_score = [](const PolicyContext&, const HeadView& head) {
    return at::zeros({head.size()});
  };
  Sequence sequence(tiny().model(), looking, settings_of(looking, 5), "one", 30);
  sequence.prefill(ids_of(12));
  std::int64_t entries = 0;
  for (const LayerState& layer : sequence.layers()) {
    for (const HeadCache& head : layer.heads()) entries += head.allocated_bytes();
  }
  EXPECT_EQ(sequence.sizes().allocated_bytes, entries + 2 * 30 * 16 * 4);
}

// Bytes that feeding `id` asks for on this thread, which is the only one.
std::int64_t asked_for_by(Sequence& sequence, std::int64_t id) {
  const std::size_t before = memory_asked_for();
  sequence.feed(id);
  return static_cast<std::int64_t>(memory_asked_for() - before);
}

// Where nothing leaves: only for more room in the caches, or to work in, which doubles.
TEST(Sequence, AsksForNoMemoryWhileThereIsRoom) {
  for (const KvDtype dtype : {KvDtype::kFloat32, KvDtype::kFloat16, KvDtype::kQ8}) {
    const auto dense = plugin_method("dense");
    RunSettings settings = settings_of(*dense, 400);
    settings.kv_dtype = dtype;
    settings.threads = 1;
    Sequence sequence(wide().model(), *dense, settings, "one", 400);
    const Indices ids = ids_of(400);
    sequence.prefill({ids.begin(), ids.begin() + 100});
    sequence.feed(ids[100]);
    int asked_with_room = 0;
    int asked = 0;
    for (std::int64_t t = 101; t < 400; ++t) {
      const std::int64_t had = sequence.sizes().allocated_bytes;
      const bool asks = asked_for_by(sequence, ids[t]) > 0;
      if (asks) ++asked;
      if (asks && sequence.sizes().allocated_bytes == had) ++asked_with_room;
    }
    EXPECT_GT(asked, 0) << "caches have grown";
    EXPECT_LE(asked_with_room, 3) << to_string(dtype) << ": from 101 to 400 is twice, and twice";
    // A sixteenth more each time: log(400 / 101) / log(17 / 16) = 23.
    EXPECT_LE(asked, 23 + 3 + 3) << to_string(dtype);
  }
}

// Between two events of a method that evicts at every 16th token, however long it goes on.
TEST(Sequence, AsksForNoMemoryBetweenEvents) {
  const auto method = signal_method(Signal::kCumulativeAttention, 4, 16);
  RunSettings settings = settings_of(*method, 64);
  settings.protocol.continuation = Continuation::kHold;
  settings.threads = 1;
  Sequence sequence(wide().model(), *method, settings, "one", 400);
  const Indices ids = ids_of(400);
  sequence.prefill({ids.begin(), ids.begin() + 100});
  for (std::int64_t t = 100; t < 200; ++t) sequence.feed(ids[t]);
  int events = 0;
  for (std::int64_t t = 200; t < 400; ++t) {
    const SequenceSizes before = sequence.sizes();
    const std::int64_t asked = asked_for_by(sequence, ids[t]);
    const SequenceSizes after = sequence.sizes();
    if (after.evicted > before.evicted) ++events;
    if (after.evicted == before.evicted && after.allocated_bytes == before.allocated_bytes) {
      EXPECT_EQ(asked, 0) << "token " << t;
    }
  }
  EXPECT_GE(events, 12);
}

}  // namespace
}  // namespace pressroom::sequence_test
