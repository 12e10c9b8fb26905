#include "trace/trace_file.h"

#include <cstddef>
#include <string_view>

#include "base/mapped_file.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "trace/stream_bytes.h"
#include "trace/trace_codec.h"
#include "trace/trace_header.h"
#include "weights/weight_source.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

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
