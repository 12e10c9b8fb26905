// The evictions of a trace as streams of bytes that compress well.
//
// Entries leave by head, step and, within a step, newest first. An entry is named by its rank: how
// many of the entries held then are newer. Methods that drop what has just become old enough give
// the same rank again and again; of several that leave at one step only the distance to the one
// before is written. Scores (trace/stream_bytes.h) are written as differences: those of
// neighbouring evictions are alike. Low and high bytes lie apart.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "trace/trace.h"

namespace pressroom {

// In the order of the file. A trace without scores has the first four only.
enum TraceStream { kSteps, kLeaving, kRankLow, kRankHigh, kScoreLow, kScoreHigh };
constexpr int kTraceStreams = 6;
constexpr int kTraceStreamsWithoutScores = 4;
constexpr std::array<const char*, kTraceStreams> kTraceStreamNames = {
    "steps", "leaving", "rank low", "rank high", "score low", "score high"};
using TraceStreams = std::array<std::string, kTraceStreams>;

// `trace` must be as struct Trace says.
TraceStreams encode_evictions(const Trace& trace);

struct TraceShape {
  std::int64_t layers = 0;
  std::int64_t kv_heads = 0;
  std::int64_t tokens = 0;
};

// Fills steps and evictions of `trace`, whose with_scores is set, from the streams; the shape is
// the header's. Everything read is checked; throws Error naming `file` where the streams contradict
// the shape or themselves.
void decode_evictions(const TraceStreams& streams, const TraceShape& shape,
                      const std::filesystem::path& file, Trace& trace);

}  // namespace pressroom
