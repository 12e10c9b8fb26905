#include "trace/trace_file.h"

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/json_text.h"
#include "base/mapped_file.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "trace/stream_bytes.h"
#include "trace/trace_codec.h"
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

// The JSON header: what was run, and how much of it there is, on one line. Bytes that are not UTF-8
// are replaced.
//
//   {"model":"starter","method":"h2o","protocol":"stream","budget_tokens":256,
//    "positions":"original","document":"a.txt","ids_sha256":"..","layers":8,"kv_heads":2,
//    "tokens":1024,"scores":"bfloat16"}
//
// "scores" is null in a trace without them. "kv_dtype" stands behind it where it is not float32.
// Names that are not known are passed over.
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

// Fills trace.header and trace.with_scores. Throws Error, naming `file`, where something is missing
// or impossible, or where there are more than kMostTraceEntries entries.
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

constexpr std::string_view kMagic = "PRTRACE\n";
constexpr std::uint64_t kVersion = 1;
constexpr std::size_t kSumBytes = 4;

void append_number(std::string& bytes, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(value >> 8 * i));
}

// Takes pieces off the front of a file.
class Cutter {
 public:
  Cutter(std::string_view bytes, const fs::path& file) : rest_(bytes), file_(file) {}

  std::string_view piece(std::uint64_t size, const char* what) {
    if (size > rest_.size()) {
      torn_trace(file_, std::to_string(size) + " bytes of " + what,
                 std::to_string(rest_.size()) + " bytes");
    }
    const std::string_view piece = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return piece;
  }

  // Little endian.
  std::uint64_t number(std::size_t size, const char* what) {
    std::uint64_t value = 0;
    const std::string_view bytes = piece(size, what);
    for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  }

  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  const fs::path& file_;
};

// The part between the magic and the sum, which it is held against.
std::string_view checked_body(std::string_view bytes, const fs::path& file) {
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    throw Error({"not a trace", file.string(), "a file that begins with \"PRTRACE\"",
                 in_quotes(std::string(bytes.substr(0, kMagic.size()))),
                 "name a file that --trace has written"});
  }
  bytes.remove_prefix(kMagic.size());
  const std::uint64_t version = Cutter(bytes, file).number(4, "version");
  if (version != kVersion) {
    throw Error({"the trace is of another version of the format", file.string(),
                 std::to_string(kVersion), std::to_string(version),
                 "read it with the Pressroom that wrote it, or run the document again"});
  }
  if (bytes.size() < 4 + kSumBytes) torn_trace(file, "a header", "the end of the file");
  // The version first: another one may sum up otherwise.
  const std::string_view body = bytes.substr(0, bytes.size() - kSumBytes);
  const std::string_view whole(body.data() - kMagic.size(), body.size() + kMagic.size());
  if (Cutter(bytes.substr(body.size()), file).number(kSumBytes, "CRC-32") != crc32_of(whole)) {
    torn_trace(file, "content that agrees with its CRC-32", "something damaged or cut off");
  }
  return body.substr(4);
}

}  // namespace

std::string trace_bytes(const Trace& trace) {
  const std::string header = trace_header_text(trace);
  std::string bytes(kMagic);
  append_number(bytes, kVersion, 4);
  append_number(bytes, header.size(), 4);
  bytes += header;
  const TraceStreams streams = encode_evictions(trace);
  const int count = trace.with_scores ? kTraceStreams : kTraceStreamsWithoutScores;
  for (int s = 0; s < count; ++s) {
    const std::string small = deflate(streams[s]);
    append_number(bytes, small.size(), 8);
    append_number(bytes, streams[s].size(), 8);
    bytes += small;
  }
  append_number(bytes, crc32_of(bytes), kSumBytes);
  return bytes;
}

Trace parse_trace(std::string_view bytes, const fs::path& file) {
  Cutter body(checked_body(bytes, file), file);
  Trace trace;
  const std::uint64_t header_bytes = body.number(4, "header length");
  const TraceShape shape = parse_trace_header(body.piece(header_bytes, "header"), file, trace);
  TraceStreams streams;
  const int count = trace.with_scores ? kTraceStreams : kTraceStreamsWithoutScores;
  for (int s = 0; s < count; ++s) {
    const std::uint64_t small_bytes = body.number(8, "stream length");
    const std::uint64_t size = body.number(8, "stream length");
    auto stream = inflate(body.piece(small_bytes, kTraceStreamNames[s]), size);
    if (!stream) {
      torn_trace(file, std::to_string(size) + " bytes deflated as \"" + kTraceStreamNames[s] + "\"",
                 "something else");
    }
    streams[s] = std::move(*stream);
  }
  if (!body.done()) torn_trace(file, "nothing behind the last stream", "more bytes");
  decode_evictions(streams, shape, file, trace);
  return trace;
}

void write_trace(const fs::path& file, const Trace& trace) {
  const std::int64_t entries = trace.layers() * trace.kv_heads() * trace.tokens();
  if (entries > kMostTraceEntries) {
    throw Error({"the trace is too large for a file", file.string(),
                 "at most " + std::to_string(kMostTraceEntries) + " entries",
                 std::to_string(entries) + " of all layers and heads", "trace a shorter document"});
  }
  write_file_atomically(file, trace_bytes(trace));
}

Trace read_trace(const fs::path& file) {
  const MappedFile bytes(file, "the trace");
  return parse_trace(bytes.bytes(), file);
}

}  // namespace pressroom
