// Saved caches that are not taken up: of something else, damaged, of another format, too long.
#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "base/whole_file.h"
#include "pressroom/error.h"
#include "saved_cache_test_support.h"

namespace pressroom::saved_cache_test {
namespace {

namespace fs = std::filesystem;

class RefusedSavedCache : public SavedCacheFile {};

TEST_F(RefusedSavedCache, IsRefusedWhereItWasMadeFromSomethingElse) {
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

TEST_F(RefusedSavedCache, OtherRandomNumbersMatterToPoliciesThatDrawSomeMore) {
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
void expect_untouched(Sequence& sequence, const Logits& expected) {
  const Indices ids = ids_of(kTokens);
  sequence.prefill({ids.begin(), ids.begin() + kPrompt});
  expect_same_bits(fed(sequence, ids, kPrompt, kTokens), expected);
}

TEST_F(RefusedSavedCache, DamageIsNoticedWhereverItIs) {
  const auto h2o = plugin_method("h2o");
  const RunSettings settings = settings_for(*h2o, kBudget, Continuation::kHold);
  save(*h2o, settings, kPrompt);
  const std::string whole = read_file(file());
  const Indices ids = ids_of(kTokens);
  Sequence uninterrupted(tiny().model(), *h2o, settings, "one", kTokens);
  uninterrupted.prefill({ids.begin(), ids.begin() + kPrompt});
  const Logits expected = fed(uninterrupted, ids, kPrompt, kTokens);
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

TEST_F(RefusedSavedCache, OtherFilesAreRefusedByWhatTheyAre) {
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

TEST_F(RefusedSavedCache, IsRefusedWhereThereIsNoRoomForIt) {
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
TEST_F(RefusedSavedCache, EntriesThatAreNoTokensOfTheTextAreRefused) {
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

}  // namespace
}  // namespace pressroom::saved_cache_test
