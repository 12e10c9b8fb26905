#include "trace/trace.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <numeric>

#include "pressroom/error.h"

namespace pressroom {

std::int64_t Trace::tokens() const {
  return std::accumulate(tokens_per_step.begin(), tokens_per_step.end(), std::int64_t{0});
}

std::vector<std::int64_t> Trace::last_tokens() const {
  std::vector<std::int64_t> last;
  std::int64_t fed = 0;
  for (const std::int64_t tokens : tokens_per_step) last.push_back((fed += tokens) - 1);
  return last;
}

std::vector<std::int64_t> Trace::kept(std::int64_t layer, std::int64_t kv_head,
                                      std::int64_t step) const {
  const std::int64_t last = last_tokens().at(step);
  const EvictionLog& head = evictions.at(layer).at(kv_head);
  std::vector<std::int64_t> positions;
  for (std::int64_t j = 0; j <= last; ++j) {
    if (head.evicted_after[j] > last) positions.push_back(j);
  }
  return positions;
}

Trace trace_of(const DocumentRun& run, TraceHeader header) {
  if (run.evictions.empty()) {
    throw Error({"there is no eviction trace of this run", header.document,
                 "a protocol under which entries can leave", header.protocol,
                 "choose stream, chunked or prefill"});
  }
  return {std::move(header), run.tokens_per_step, run.evictions, true};
}

LayerEvictions evictions_of_layer(const Trace& trace, std::int64_t layer) {
  LayerEvictions evictions;
  std::int64_t ages = 0;
  for (const EvictionLog& head : trace.evictions.at(layer)) {
    for (std::size_t j = 0; j < head.evicted_after.size(); ++j) {
      if (head.evicted_after[j] == kNeverLeaves) continue;
      ++evictions.entries;
      ages += head.evicted_after[j] - static_cast<std::int64_t>(j);  // 0: only its own query saw it
    }
  }
  evictions.mean_age_tokens =
      evictions.entries == 0 ? std::numeric_limits<double>::quiet_NaN()
                             : static_cast<double>(ages) / static_cast<double>(evictions.entries);
  return evictions;
}

std::vector<PositionRange> ranges_of(const std::vector<std::int64_t>& positions) {
  std::vector<PositionRange> ranges;
  for (const std::int64_t position : positions) {
    if (ranges.empty() || ranges.back().second + 1 != position) {
      ranges.emplace_back(position, position);
    }
    ranges.back().second = position;
  }
  return ranges;
}

std::string ranges_text(const std::vector<PositionRange>& ranges) {
  std::string text;
  for (const auto& [first, last] : ranges) {
    text += (text.empty() ? "" : ", ") + std::to_string(first);
    if (last != first) text += "-" + std::to_string(last);
  }
  return text.empty() ? "none" : text;
}

namespace {

void refuse_strangers(const Trace& a, const Trace& b) {
  const auto refuse = [](const char* what, const auto& first, const auto& second) {
    throw Error({std::string("traces with different ") + what + " cannot be compared", "", first,
                 second, "compare runs of one document through one model"});
  };
  const auto compare = [&](const char* what, std::int64_t first, std::int64_t second) {
    if (first != second) refuse(what, std::to_string(first), std::to_string(second));
  };
  const auto document = [](const Trace& trace) {
    return trace.header.document + ", SHA-256 " + trace.header.ids_sha256;
  };
  if (a.header.ids_sha256 != b.header.ids_sha256) {
    refuse("token ids", document(a), document(b));
  }
  compare("numbers of layers", a.layers(), b.layers());
  compare("numbers of KV heads", a.kv_heads(), b.kv_heads());
  compare("numbers of tokens", a.tokens(), b.tokens());
}

// For each token t, entries j with j <= t < until(j): those held when t was the last token fed.
template <typename Until>
std::vector<std::int64_t> held_after_each(std::int64_t tokens, Until&& until) {
  std::vector<std::int64_t> change(static_cast<std::size_t>(tokens) + 1, 0);
  for (std::int64_t j = 0; j < tokens; ++j) {
    ++change[j];  // running sums of these are the counts
    --change[std::min<std::int64_t>(until(j), tokens)];
  }
  std::partial_sum(change.begin(), change.end(), change.begin());
  return change;
}

// Adds Jaccard of one head at each of `tokens_fed`, times `weight`, to `sum`.
void add_jaccard(const EvictionLog& a, const EvictionLog& b,
                 const std::vector<std::int64_t>& tokens_fed, double weight,
                 std::vector<double>& sum) {
  const auto tokens = static_cast<std::int64_t>(a.evicted_after.size());
  const auto both = held_after_each(
      tokens, [&](std::int64_t j) { return std::min(a.evicted_after[j], b.evicted_after[j]); });
  const auto either = held_after_each(
      tokens, [&](std::int64_t j) { return std::max(a.evicted_after[j], b.evicted_after[j]); });
  for (std::size_t s = 0; s < tokens_fed.size(); ++s) {
    const std::int64_t t = tokens_fed[s] - 1;
    sum[s] += weight *
              (either[t] == 0 ? 1 : static_cast<double>(both[t]) / static_cast<double>(either[t]));
  }
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double TraceAgreement::mean(std::int64_t layer) const { return mean_of(jaccard.at(layer)); }

double TraceAgreement::mean() const {
  double sum = 0;
  for (const std::vector<double>& layer : jaccard) sum += mean_of(layer);
  return sum / static_cast<double>(jaccard.size());
}

TraceAgreement compare_traces(const Trace& a, const Trace& b) {
  refuse_strangers(a, b);
  TraceAgreement agreement;
  const std::vector<std::int64_t> last_a = a.last_tokens();
  const std::vector<std::int64_t> last_b = b.last_tokens();
  std::set_intersection(last_a.begin(), last_a.end(), last_b.begin(), last_b.end(),
                        std::back_inserter(agreement.tokens_fed));
  for (std::int64_t& token : agreement.tokens_fed) ++token;
  const double weight = 1 / static_cast<double>(a.kv_heads());
  for (std::int64_t l = 0; l < a.layers(); ++l) {
    std::vector<double>& layer = agreement.jaccard.emplace_back(agreement.tokens_fed.size(), 0.0);
    for (std::int64_t g = 0; g < a.kv_heads(); ++g) {
      add_jaccard(a.evictions[l][g], b.evictions[l][g], agreement.tokens_fed, weight, layer);
    }
  }
  return agreement;
}

}  // namespace pressroom
