// Traces as files, `.trace`. The format byte by byte is in docs/traces.md.
//
//   write_trace("h2o.trace", trace);
//   Trace same = read_trace("h2o.trace");
//
// A file says what was run as a JSON header, followed by the evictions as compressed streams
// (trace/trace_codec.h) and a sum over everything. With scores it takes less than two bytes for
// each layer, KV head and position.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "trace/trace.h"

namespace pressroom {

// Entries (layers x KV heads x tokens) of the largest trace that is read: 8 GiB of memory.
constexpr std::int64_t kMostTraceEntries = std::int64_t{1} << 30;

// Writes the whole file or none. Scores are rounded to bfloat16, or left out where
// trace.with_scores is false; all else reads back as it was. Throws Error for a file that cannot be
// written and for a trace that is too large to be read.
void write_trace(const std::filesystem::path& file, const Trace& trace);

// Throws Error for a file that is missing, not a trace, of another version of the format, damaged,
// or that contradicts itself; what is returned is as struct Trace says.
Trace read_trace(const std::filesystem::path& file);

// The same without a file system: the bytes of a file. `file` is the name in messages.
std::string trace_bytes(const Trace& trace);
Trace parse_trace(std::string_view bytes, const std::filesystem::path& file);

}  // namespace pressroom
