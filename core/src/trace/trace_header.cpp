#include "trace/trace_header.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "trace/stream_bytes.h"
#include "trace/trace_file.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kScoreType = "bfloat16";

std::int64_t whole_number(const Json& header, const char* name, const fs::path& file,
                          std::int64_t least) {
  const Json& value = header.at(name);
  if (value.is_number_integer() && value.get<std::int64_t>() >= least) return value;
  torn_trace(file, std::string(name) + " of at least " + std::to_string(least),
             excerpt(value.dump()));
}

Positions positions_of(const Json& header, const fs::path& file) {
  const std::string name = header.at("positions");
  for (const Positions positions : {Positions::kOriginal, Positions::kCacheIndex}) {
    if (name == to_string(positions)) return positions;
  }
  torn_trace(file, "positions original or cache_index", in_quotes(name));
}

TraceShape shape_of(const Json& header, const fs::path& file) {
  TraceShape shape;
  std::int64_t room = kMostTraceEntries;  // by division: a product could overflow
  const auto extent = [&](const char* name) {
    const std::int64_t value = whole_number(header, name, file, 1);
    if (value > room) {
      torn_trace(file, "at most " + std::to_string(kMostTraceEntries) + " entries",
                 excerpt(header.dump()));
    }
    room /= value;
    return value;
  };
  shape.layers = extent("layers");
  shape.kv_heads = extent("kv_heads");
  shape.tokens = extent("tokens");
  return shape;
}

}  // namespace

std::string trace_header_text(const Trace& trace) {
  const TraceHeader& header = trace.header;
  Json json = {{"model", header.model},
               {"method", header.method},
               {"protocol", header.protocol},
               {"budget_tokens", header.budget_tokens},
               {"positions", to_string(header.positions)},
               {"document", header.document},
               {"ids_sha256", header.ids_sha256},
               {"layers", trace.layers()},
               {"kv_heads", trace.kv_heads()},
               {"tokens", trace.tokens()},
               {"scores", trace.with_scores ? Json(kScoreType) : Json()}};
  if (header.kv_dtype != TraceHeader().kv_dtype) json["kv_dtype"] = header.kv_dtype;
  // Document ids come from file names, which need not be UTF-8.
  return json_line(json);
}

TraceShape parse_trace_header(std::string_view text, const fs::path& file, Trace& trace) {
  try {
    const Json header = Json::parse(text.begin(), text.end());
    trace.header.model = header.at("model");
    trace.header.method = header.at("method");
    trace.header.protocol = header.at("protocol");
    trace.header.budget_tokens = whole_number(header, "budget_tokens", file, 0);
    trace.header.positions = positions_of(header, file);
    trace.header.document = header.at("document");
    trace.header.ids_sha256 = header.at("ids_sha256");
    trace.header.kv_dtype = header.value("kv_dtype", TraceHeader().kv_dtype);
    const Json& scores = header.at("scores");
    trace.with_scores = !scores.is_null();
    if (trace.with_scores && scores != kScoreType) {
      torn_trace(file, "scores as bfloat16, or null", excerpt(scores.dump()));
    }
    return shape_of(header, file);
  } catch (const Json::exception& error) {
    torn_trace(file, "the JSON header of a trace", excerpt(error.what()));
  }
}

}  // namespace pressroom
