// The JSON header of a trace's file.
//
//   const std::string text = trace_header_text(trace);
//   const TraceShape shape = parse_trace_header(text, "a.trace", read);
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "trace/trace.h"
#include "trace/trace_codec.h"

namespace pressroom {

// What was run, and how much of it there is, on one line. Bytes that are not UTF-8 are replaced.
//
//   {"model":"starter","method":"h2o","protocol":"stream","budget_tokens":256,
//    "positions":"original","document":"a.txt","ids_sha256":"..","layers":8,"kv_heads":2,
//    "tokens":1024,"scores":"bfloat16"}
//
// "scores" is null in a trace without them. "kv_dtype" stands behind it where it is not float32.
// Names that are not known are passed over.
std::string trace_header_text(const Trace& trace);

// Fills trace.header and trace.with_scores. Throws Error, naming `file`, where something is missing
// or impossible, or where there are more than kMostTraceEntries entries.
TraceShape parse_trace_header(std::string_view text, const std::filesystem::path& file,
                              Trace& trace);

}  // namespace pressroom
