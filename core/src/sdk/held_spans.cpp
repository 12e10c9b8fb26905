#include "pressroom/held_spans.h"

#include "pressroom/error.h"

namespace pressroom {

double HeldEntries::share() const {
  PRESSROOM_ASSERT(entries > 0);
  double held = 0;
  double there = 0;
  for (const std::vector<std::int64_t>& layer : of_head) {
    for (const std::int64_t of_one : layer) held += static_cast<double>(of_one);
    there += static_cast<double>(entries) * static_cast<double>(layer.size());
  }
  return held / there;
}

void HeldEntries::add(const HeldEntries& other) {
  entries += other.entries;
  if (of_head.empty()) of_head.resize(other.of_head.size());
  PRESSROOM_ASSERT(of_head.size() == other.of_head.size());
  for (std::size_t l = 0; l < of_head.size(); ++l) {
    of_head[l].resize(other.of_head[l].size());
    for (std::size_t h = 0; h < of_head[l].size(); ++h) of_head[l][h] += other.of_head[l][h];
  }
}

HeldEntries held_entries(const EntryLifetimes& lifetimes, std::int64_t begin, std::int64_t end,
                         std::int64_t token) {
  HeldEntries held;
  held.entries = end - begin;
  for (const auto& layer : lifetimes.last_seen_by) {
    std::vector<std::int64_t>& of_layer = held.of_head.emplace_back();
    for (const std::vector<std::int32_t>& last_seen_by : layer) {
      PRESSROOM_ASSERT(0 <= begin && begin <= end &&
                       end <= static_cast<std::int64_t>(last_seen_by.size()));
      std::int64_t& count = of_layer.emplace_back(0);
      for (std::int64_t t = begin; t < end; ++t) {
        count += last_seen_by[static_cast<std::size_t>(t)] >= token ? 1 : 0;
      }
    }
  }
  return held;
}

std::int64_t asked_at(const DocumentMeasurements& document, std::size_t answer) {
  const auto first = static_cast<std::size_t>(document.answers.at(answer).begin);
  return document.targets.at(first) - 1;
}

HeldEntries held_evidence(const DocumentMeasurements& document, std::size_t answer) {
  HeldEntries held;
  if (document.lifetimes.last_seen_by.empty()) return held;
  for (const SpanTokens& span : document.lifetimes.spans) {
    if (span.answer != static_cast<std::int64_t>(answer) || span.begin == span.end) continue;
    held.add(held_entries(document.lifetimes, span.begin, span.end, asked_at(document, answer)));
  }
  return held;
}

}  // namespace pressroom
