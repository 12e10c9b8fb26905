// Eviction traces of real runs: held against what the run itself counted.
#include <gtest/gtest.h>

#include "stream_test_support.h"
#include "trace/trace.h"
#include "trace/trace_file.h"
#include "trace_test_support.h"

namespace pressroom::trace_run_test {
namespace {

const TinyModel& tiny() {
  static const TinyModel model(TinyShape(), RandomKey(1));
  return model;
}

Indices ids_of(std::int64_t count) { return random_ids(count, TinyShape(), RandomKey(2)); }

TraceHeader header_of(const RunSettings& settings) {
  return {"tiny",  "h2o", settings.protocol.text(), settings.budget_tokens, settings.positions,
          "a.txt", "abcd"};
}

DocumentRun run_on(Engine engine, const Method& method, const RunSettings& settings,
                   const Indices& ids) {
  return run_documents(engine, tiny().model(), method, settings, {{"a.txt", ids}}, RunControl())
      .front();
}

std::vector<Protocol> protocols() {
  Protocol stream, chunked, prefill;
  chunked.kind = ProtocolKind::kChunked;
  chunked.chunk_size = 7;
  prefill.kind = ProtocolKind::kPrefill;
  prefill.prefill_tokens = 40;
  Protocol hold = prefill;
  hold.continuation = Continuation::kHold;
  return {stream, chunked, prefill, hold};
}

TEST(TraceOfRun, HoldsAfterEachStepWhatTheRunCounted) {
  const auto h2o = plugin_method("h2o");
  for (const Protocol& protocol : protocols()) {
    RunSettings settings = settings_of(*h2o, 16);
    settings.protocol = protocol;
    const DocumentRun run = run_on(Engine::kDecode, *h2o, settings, ids_of(60));
    const Trace trace = parse_trace(trace_bytes(trace_of(run, header_of(settings))), "a.trace");
    ASSERT_EQ(trace.steps(), static_cast<std::int64_t>(run.entries_per_step.size()));
    for (std::int64_t step = 0; step < trace.steps(); ++step) {
      std::int64_t held = 0;
      for (std::int64_t l = 0; l < 2; ++l) {
        for (std::int64_t g = 0; g < 2; ++g) {
          held += static_cast<std::int64_t>(trace.kept(l, g, step).size());
        }
      }
      EXPECT_EQ(held, run.entries_per_step[step]) << protocol.text() << ", step " << step;
    }
    for (std::int64_t l = 0; l < 2; ++l) {
      for (std::int64_t g = 0; g < 2; ++g) {
        EXPECT_EQ(trace.kept(l, g, trace.steps() - 1), run.kept[l][g]) << protocol.text();
      }
    }
  }
}

TEST(TraceOfRun, IsTheSameOnBothEngines) {
  const auto h2o = plugin_method("h2o");
  for (const Protocol& protocol : protocols()) {
    RunSettings settings = settings_of(*h2o, 16);
    settings.protocol = protocol;
    const TraceHeader header = header_of(settings);
    const Trace decoded = trace_of(run_on(Engine::kDecode, *h2o, settings, ids_of(60)), header);
    const Trace replayed = trace_of(run_on(Engine::kReplay, *h2o, settings, ids_of(60)), header);
    for (std::int64_t l = 0; l < 2; ++l) {
      for (std::int64_t g = 0; g < 2; ++g) {
        EXPECT_EQ(decoded.evictions[l][g].evicted_after, replayed.evictions[l][g].evicted_after);
      }
    }
    EXPECT_EQ(compare_traces(decoded, replayed).mean(), 1) << protocol.text();
  }
}

TEST(TraceOfRun, KeepsEverythingUnderDense) {
  const TestMethod dense(Ranking::kNone);
  const RunSettings settings = settings_of(dense, 0);
  const Trace trace =
      trace_of(run_on(Engine::kReplay, dense, settings, ids_of(60)), header_of(settings));
  EXPECT_EQ(ranges_text(ranges_of(trace.kept(1, 1, 59))), "0-59");
  EXPECT_LT(trace_bytes(trace).size(), 500U);
}

TEST(TraceOfRun, IsRefusedWhereNothingCanLeave) {
  const TestMethod dense(Ranking::kNone);
  RunSettings settings = settings_of(dense, 0);
  settings.protocol.kind = ProtocolKind::kWindow;
  settings.protocol.window = 16;
  settings.protocol.stride = 8;
  const DocumentRun run = run_on(Engine::kReplay, dense, settings, ids_of(60));
  const Problem problem = problem_of([&] { trace_of(run, header_of(settings)); });
  EXPECT_EQ(problem.where, "a.txt");
  EXPECT_EQ(problem.got, settings.protocol.text());
}

TEST(TraceOfRun, OfFourThousandTokensTakesLessThanTwoBytesAnEntry) {
  const auto h2o = plugin_method("h2o");
  const RunSettings settings = settings_of(*h2o, 1024);
  const DocumentRun run = run_on(Engine::kReplay, *h2o, settings, ids_of(4096));
  const std::string bytes = trace_bytes(trace_of(run, header_of(settings)));
  EXPECT_LT(bytes.size(), 2U * 2 * 2 * 4096) << "2 layers, 2 heads";
}

}  // namespace
}  // namespace pressroom::trace_run_test
