// Sequences that take their tokens together: what each gives alone, and what a group refuses.
#include "admission/bind_method.h"
#include "config/config.h"
#include "config/plugin_use.h"
#include "engine/eviction/eviction.h"
#include "engine/eviction/layer_state.h"
#include "model/few_rows.h"
#include "pressroom/error.h"
#include "sequence_test_support.h"

namespace pressroom::sequence_test {
namespace {

// Eight of different methods, positions, dtypes, lengths and texts; the longest is several times
// the shortest.
struct Grouped {
  const char* method;
  Positions positions = Positions::kOriginal;
  KvDtype kv_dtype = KvDtype::kFloat32;
  std::int64_t prompt = 0;
};

constexpr std::int64_t kGroupRoom = 120;
constexpr Grouped kGrouped[] = {
    {"dense", Positions::kOriginal, KvDtype::kFloat32, 97},
    {"dense", Positions::kOriginal, KvDtype::kBfloat16, 1},
    {"h2o", Positions::kOriginal, KvDtype::kFloat32, 40},
    {"streaming_llm", Positions::kCacheIndex, KvDtype::kFloat32, 33},
    {"{name: snapkv, window_size: 4, kernel_size: 3}", Positions::kOriginal, KvDtype::kQ8, 20},
    {"tova", Positions::kCacheIndex, KvDtype::kFloat16, 16},
    {"{name: unified, n_sink: 2, separators: 4, heavy: 4, local: 5, separator_ids: [3, 9, 20]}",
     Positions::kOriginal, KvDtype::kFloat32, 64},
    {"keydiff", Positions::kOriginal, KvDtype::kFloat32, 5},
};
static_assert(std::size(kGrouped) == kMostFewRows);

class Group : public testing::Test {
 protected:
  Group() {
    for (const Grouped& one : kGrouped) {
      methods_.push_back(make_configured_method(
          parse_plugin_use(one.method, PluginKind::kMethod, "the test", host_), host_));
    }
  }

  Indices ids(std::size_t i) const { return ids_of(kGroupRoom, 20 + i); }

  // Sequence `i` with its prompt.
  std::unique_ptr<Sequence> begun(std::size_t i) const {
    RunSettings settings = settings_of(*methods_[i], kBudget, kGrouped[i].positions);
    settings.protocol.continuation = Continuation::kHold;
    settings.kv_dtype = kGrouped[i].kv_dtype;
    settings.threads = 2;
    auto sequence = std::make_unique<Sequence>(tiny().model(), *methods_[i], settings,
                                               std::to_string(i), kGroupRoom);
    const Indices text = ids(i);
    sequence->prefill({text.begin(), text.begin() + kGrouped[i].prompt});
    return sequence;
  }

  std::vector<std::unique_ptr<Sequence>> all_begun() const {
    std::vector<std::unique_ptr<Sequence>> all;
    for (std::size_t i = 0; i < std::size(kGrouped); ++i) all.push_back(begun(i));
    return all;
  }

  // The next token of each of `sequences`, which are the first ones.
  Indices next_of(const std::vector<Sequence*>& sequences) const {
    Indices next;
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      next.push_back(ids(i)[sequences[i]->ids().size()]);
    }
    return next;
  }

  PluginHost host_{{plugin_dir()}};
  std::vector<std::unique_ptr<Method>> methods_;
};

std::vector<Sequence*> first_of(const std::vector<std::unique_ptr<Sequence>>& all,
                                std::size_t count) {
  std::vector<Sequence*> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(all[i].get());
  return some;
}

TEST_F(Group, GivesEachWhatItGivesAlone) {
  constexpr std::size_t kSteps = 20;
  std::vector<Logits> alone;
  std::vector<SequenceSizes> sizes;
  for (std::size_t i = 0; i < std::size(kGrouped); ++i) {
    const auto sequence = begun(i);
    const auto prompt = static_cast<std::size_t>(kGrouped[i].prompt);
    alone.push_back(fed(*sequence, ids(i), prompt, prompt + kSteps));
    sizes.push_back(sequence->sizes());
  }
  for (std::size_t count = 1; count <= std::size(kGrouped); ++count) {
    const auto all = all_begun();
    const std::vector<Sequence*> some = first_of(all, count);
    SequenceGroup group(some);
    std::vector<Logits> together(count);
    for (std::size_t step = 0; step < kSteps; ++step) {
      const float* logits = group.feed(next_of(some));
      for (std::size_t i = 0; i < count; ++i) {
        together[i].push_back(logits_of(logits + i * TinyShape().vocabulary));
        EXPECT_EQ(logits_of(some[i]->logits()), together[i].back());
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      SCOPED_TRACE("sequence " + std::to_string(i) + " of " + std::to_string(count));
      expect_same_bits(together[i], alone[i]);
      expect_same_sizes(some[i]->sizes(), sizes[i]);
    }
  }
}

TEST_F(Group, MembersMayBeFedAloneInBetween) {
  const auto all = all_begun();
  const std::vector<Sequence*> some = first_of(all, 3);
  SequenceGroup group(some);
  std::vector<Logits> got(some.size());
  for (std::size_t step = 0; step < 12; ++step) {
    const Indices next = next_of(some);
    if (step % 3 == 1) {
      for (std::size_t i = some.size(); i-- > 0;) {
        got[i].push_back(logits_of(some[i]->feed(next[i])));
      }
      continue;
    }
    const float* logits = group.feed(next);
    for (std::size_t i = 0; i < some.size(); ++i) {
      got[i].push_back(logits_of(logits + i * TinyShape().vocabulary));
    }
  }
  for (std::size_t i = 0; i < some.size(); ++i) {
    const auto sequence = begun(i);
    const auto prompt = static_cast<std::size_t>(kGrouped[i].prompt);
    expect_same_bits(got[i], fed(*sequence, ids(i), prompt, prompt + 12));
  }
}

// Whichever of them is refused its token: none has taken one.
TEST_F(Group, FeedsNoneWhereOneIsRefused) {
  for (std::size_t refused = 0; refused < 3; ++refused) {
    const auto all = all_begun();
    const std::vector<Sequence*> some = first_of(all, 3);
    SequenceGroup group(some);
    Indices next = next_of(some);
    next[refused] = TinyShape().vocabulary;
    const Problem problem = problem_of([&] { group.feed(next); });
    EXPECT_EQ(problem.got, "40");
    for (std::size_t i = 0; i < some.size(); ++i) {
      EXPECT_EQ(static_cast<std::int64_t>(some[i]->ids().size()), kGrouped[i].prompt);
    }
    const float* logits = group.feed(next_of(some));
    for (std::size_t i = 0; i < some.size(); ++i) {
      const auto prompt = static_cast<std::size_t>(kGrouped[i].prompt);
      expect_same_bits({logits_of(logits + i * TinyShape().vocabulary)},
                       fed(*begun(i), ids(i), prompt, prompt + 1));
    }
  }
}

TEST_F(Group, FeedsNoneWhereOneIsFull) {
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_of(*dense, 30);
  Sequence roomy(tiny().model(), *dense, settings, "one", 30);
  Sequence full(tiny().model(), *dense, settings, "two", 10);
  roomy.prefill(ids_of(5));
  full.prefill(ids_of(10));
  SequenceGroup group({&roomy, &full});
  EXPECT_EQ(problem_of([&] { group.feed({1, 2}); }).where, "two");
  EXPECT_EQ(roomy.ids().size(), 5U);
}

// Mistakes of a caller.
TEST_F(Group, IsOfDifferentSequencesThatHaveTheirPrompts) {
  const auto all = all_begun();
  EXPECT_THROW(SequenceGroup({}), std::logic_error);
  EXPECT_THROW(SequenceGroup({all[0].get(), all[1].get(), all[0].get()}), std::logic_error);
  const auto dense = plugin_method("dense");
  const RunSettings settings = settings_of(*dense, 30);
  Sequence empty(tiny().model(), *dense, settings, "without a prompt", 30);
  SequenceGroup early({all[0].get(), &empty});
  EXPECT_THROW(early.feed({1, 2}), std::logic_error);
  const TinyModel another(TinyShape(), RandomKey(9));
  Sequence foreign(another.model(), *dense, settings, "of another model", 30);
  foreign.prefill(ids_of(3));
  EXPECT_THROW(SequenceGroup({all[0].get(), &foreign}), std::logic_error);
  std::vector<Sequence*> nine = first_of(all, std::size(kGrouped));
  nine.push_back(&empty);
  EXPECT_THROW(SequenceGroup{nine}, std::logic_error);
}

}  // namespace
}  // namespace pressroom::sequence_test
