#include "trace/trace_codec.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "pressroom/error.h"
#include "trace/stream_bytes.h"

namespace pressroom {
namespace {

// The entries of a head in order of position, counted from the newest: how traces name the entries
// that leave. A Fenwick tree; ranks, look-ups and removals take O(log tokens).
//
//   HeldSet held(5);         // positions 0 .. 4
//   held.feed(3);            // of which 0, 1 and 2 have been fed
//   held.rank(1);            // 1: position 2 alone is newer
//   held.remove(1);
//   held.at_rank(1);         // 0
class HeldSet {
 public:
  explicit HeldSet(std::int64_t tokens);

  // Tokens 0 .. fed - 1 have entered by now; fed never falls.
  void feed(std::int64_t fed) { fed_ = fed; }

  // Entries held.
  std::int64_t size() const { return fed_ - removed_; }
  // How many held entries are newer than `position`, which is held.
  std::int64_t rank(std::int64_t position) const { return size() - 1 - older(position); }
  // The position of the held entry of this rank, 0 .. size() - 1.
  std::int64_t at_rank(std::int64_t rank) const;
  // `position` must be held.
  void remove(std::int64_t position);

 private:
  // Held entries at positions below `position`.
  std::int64_t older(std::int64_t position) const;

  std::int64_t fed_ = 0;
  std::int64_t removed_ = 0;
  // sums_[i]: entries at the (i & -i) positions that end with i - 1, whether fed or not: those not
  // fed yet lie behind all that are asked for.
  std::vector<std::int32_t> sums_;
};

HeldSet::HeldSet(std::int64_t tokens) : sums_(static_cast<std::size_t>(tokens) + 1, 0) {
  for (std::int64_t i = 1; i <= tokens; ++i) sums_[i] = static_cast<std::int32_t>(i & -i);
}

std::int64_t HeldSet::older(std::int64_t position) const {
  std::int64_t count = 0;
  for (std::int64_t i = position; i > 0; i -= i & -i) count += sums_[i];
  return count;
}

std::int64_t HeldSet::at_rank(std::int64_t rank) const {
  const auto tokens = static_cast<std::int64_t>(sums_.size()) - 1;
  std::int64_t left = size() - 1 - rank;  // older entries to pass over
  // The longest prefix with at most `left` entries ends before the entry looked for.
  std::int64_t stride = 1;
  while (2 * stride <= tokens) stride *= 2;
  std::int64_t passed = 0;
  for (; stride > 0; stride /= 2) {
    if (passed + stride > tokens || sums_[passed + stride] > left) continue;
    passed += stride;
    left -= sums_[passed];
  }
  return passed;
}

void HeldSet::remove(std::int64_t position) {
  ++removed_;
  for (std::int64_t i = position + 1; i < static_cast<std::int64_t>(sums_.size()); i += i & -i) {
    --sums_[i];
  }
}

constexpr float kNoScore = std::numeric_limits<float>::quiet_NaN();

// Nearly always one width, or two: pairs of a width and how often it comes in a row.
std::string encode_steps(const std::vector<std::int64_t>& tokens_per_step) {
  std::string bytes;
  for (auto begin = tokens_per_step.begin(); begin != tokens_per_step.end();) {
    const auto end = std::find_if(begin, tokens_per_step.end(),
                                  [&](std::int64_t tokens) { return tokens != *begin; });
    append_varint(bytes, static_cast<std::uint64_t>(*begin));
    append_varint(bytes, static_cast<std::uint64_t>(end - begin));
    begin = end;
  }
  return bytes;
}

// At most `most` steps of `tokens` tokens in all.
std::vector<std::int64_t> decode_steps(const std::string& bytes, std::int64_t tokens,
                                       std::int64_t most, const std::filesystem::path& file) {
  std::vector<std::int64_t> steps;
  StreamReader reader(bytes, kTraceStreamNames[kSteps], file);
  std::int64_t left = tokens;
  while (!reader.done()) {
    const std::int64_t width = reader.varint(left);
    // A width of 0 is refused in words below; here it must not divide.
    const std::int64_t times = reader.varint(left / std::max<std::int64_t>(width, 1));
    if (width == 0 || times == 0) torn_trace(file, "steps of at least one token", "an empty one");
    most -= times;
    // Before the insertion: `times` is a number of the file's, and memory is taken for it.
    if (most < 0) torn_trace(file, "a number in \"leaving\" for each step and head", "fewer");
    steps.insert(steps.end(), static_cast<std::size_t>(times), width);
    left -= width * times;
  }
  if (left == 0) return steps;
  torn_trace(file, "steps of " + std::to_string(tokens) + " tokens in all",
             "steps of " + std::to_string(tokens - left));
}

// Positions that left, in the order of the streams.
std::vector<std::int64_t> in_order_of_leaving(const EvictionLog& head) {
  std::vector<std::int64_t> order;
  for (std::size_t j = 0; j < head.evicted_after.size(); ++j) {
    if (head.evicted_after[j] != kNeverLeaves) order.push_back(static_cast<std::int64_t>(j));
  }
  // Within a step the newest first: ranks then never fall, and their distances need no sign.
  std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
    return head.evicted_after[a] != head.evicted_after[b]
               ? head.evicted_after[a] < head.evicted_after[b]
               : a > b;
  });
  return order;
}

void encode_head(const EvictionLog& head, const std::vector<std::int64_t>& last_tokens,
                 TraceStreams& streams) {
  const std::vector<std::int64_t> order = in_order_of_leaving(head);
  HeldSet held(static_cast<std::int64_t>(head.evicted_after.size()));
  std::uint16_t previous_score = 0;
  auto next = order.begin();
  for (const std::int64_t last : last_tokens) {
    held.feed(last + 1);
    const auto begin = next;
    // From the newest on, ranks only grow: what left before is newer and no longer counts.
    std::int64_t previous_rank = 0;
    for (; next != order.end() && head.evicted_after[*next] == last; ++next) {
      PRESSROOM_ASSERT(*next <= last);
      const std::int64_t rank = held.rank(*next);
      const auto distance = static_cast<std::uint64_t>(rank - previous_rank);
      streams[kRankLow].push_back(static_cast<char>(distance & 0xff));
      append_varint(streams[kRankHigh], distance >> 8);
      held.remove(*next);
      previous_rank = rank;
      const std::uint16_t score = ordered_score(head.score[*next]);
      const std::uint16_t change = change_of_score(previous_score, score);
      streams[kScoreLow].push_back(static_cast<char>(change & 0xff));
      streams[kScoreHigh].push_back(static_cast<char>(change >> 8));
      previous_score = score;
    }
    append_varint(streams[kLeaving], static_cast<std::uint64_t>(next - begin));
  }
  PRESSROOM_ASSERT(next == order.end());
}

class Decoder {
 public:
  Decoder(const TraceStreams& streams, bool with_scores, std::vector<std::int64_t> last_tokens,
          const std::filesystem::path& file)
      : with_scores_(with_scores), last_tokens_(std::move(last_tokens)) {
    for (int s = 0; s < kTraceStreams; ++s) {
      readers_.emplace_back(streams[s], kTraceStreamNames[s], file);
    }
  }

  EvictionLog head() {
    const std::int64_t tokens = last_tokens_.back() + 1;
    EvictionLog head(tokens);
    HeldSet held(tokens);
    std::uint16_t score = 0;
    for (const std::int64_t last : last_tokens_) {
      held.feed(last + 1);
      std::int64_t rank = 0;
      for (std::int64_t left = readers_[kLeaving].varint(held.size()); left > 0; --left) {
        rank += next_distance(held.size() - 1 - rank);
        const std::int64_t position = held.at_rank(rank);
        held.remove(position);
        if (with_scores_) score = changed_score(score, next_change());
        head.leaves(position, last, with_scores_ ? score_of_ordered(score) : kNoScore);
      }
    }
    return head;
  }

  void finish() const {
    // decode_steps() has read "steps" to its end, with a reader of its own.
    for (int s = kLeaving; s < kTraceStreams; ++s) readers_[s].finish();
  }

 private:
  // At most `most`, which is -1 when no older entry is held.
  std::int64_t next_distance(std::int64_t most) {
    const std::int64_t low = readers_[kRankLow].byte();
    const std::int64_t high = readers_[kRankHigh].varint(std::max<std::int64_t>(most, 0) >> 8);
    const std::int64_t distance = (high << 8) + low;
    if (distance > most) readers_[kRankLow].refuse(distance, most);
    return distance;
  }

  std::uint16_t next_change() {
    const int low = readers_[kScoreLow].byte();
    return static_cast<std::uint16_t>(readers_[kScoreHigh].byte() << 8 | low);
  }

  bool with_scores_;
  std::vector<std::int64_t> last_tokens_;
  std::vector<StreamReader> readers_;
};

}  // namespace

TraceStreams encode_evictions(const Trace& trace) {
  TraceStreams streams;
  streams[kSteps] = encode_steps(trace.tokens_per_step);
  const std::vector<std::int64_t> last_tokens = trace.last_tokens();
  for (const std::vector<EvictionLog>& layer : trace.evictions) {
    for (const EvictionLog& head : layer) encode_head(head, last_tokens, streams);
  }
  return streams;
}

void decode_evictions(const TraceStreams& streams, const TraceShape& shape,
                      const std::filesystem::path& file, Trace& trace) {
  // Each head has a number of at least one byte for each step: a bound for memory.
  const auto numbers = static_cast<std::int64_t>(streams[kLeaving].size());
  const std::int64_t most_steps = numbers / (shape.layers * shape.kv_heads);
  trace.tokens_per_step = decode_steps(streams[kSteps], shape.tokens, most_steps, file);
  Decoder decoder(streams, trace.with_scores, trace.last_tokens(), file);
  trace.evictions.assign(static_cast<std::size_t>(shape.layers), {});
  for (std::vector<EvictionLog>& layer : trace.evictions) {
    for (std::int64_t g = 0; g < shape.kv_heads; ++g) layer.push_back(decoder.head());
  }
  decoder.finish();
}

}  // namespace pressroom
