#include "engine/parting.h"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <limits>
#include <map>
#include <sstream>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// Of the largest score: what sums of a few hundred float32 terms in another order come to.
constexpr float kRelativeRounding = 1e-5F;
// Two scores are off, in opposite directions at worst.
constexpr float kRoundingFactor = 2;

using Heads = std::vector<EvictionLog>;

// The first token after which other entries leave `a` than `b`; kNeverLeaves where none do.
std::int32_t parts_after(const EvictionLog& a, const EvictionLog& b) {
  std::int32_t first = kNeverLeaves;
  for (std::size_t j = 0; j < a.evicted_after.size(); ++j) {
    if (a.evicted_after[j] == b.evicted_after[j]) continue;
    first = std::min(first, std::min(a.evicted_after[j], b.evicted_after[j]));
  }
  return first;
}

// Most by which the scores of entries differ that left both alike, up to `token`.
float rounding_of(const Heads& a, const Heads& b, std::int32_t token) {
  float most = 0;
  for (std::size_t head = 0; head < a.size(); ++head) {
    for (std::size_t j = 0; j < a[head].evicted_after.size(); ++j) {
      const std::int32_t left = a[head].evicted_after[j];
      // What leaves later is scored over caches that are no longer the same: more than rounding.
      if (left > token || left != b[head].evicted_after[j]) continue;
      const float difference = std::abs(a[head].score[j] - b[head].score[j]);
      if (std::isfinite(difference)) most = std::max(most, difference);
    }
  }
  return most;
}

std::vector<PartedEntry> parted_entries(const Heads& a, const Heads& b, std::int32_t token) {
  std::vector<PartedEntry> entries;
  for (std::size_t head = 0; head < a.size(); ++head) {
    for (std::size_t j = 0; j < a[head].evicted_after.size(); ++j) {
      const bool in_a = a[head].evicted_after[j] == token;
      if (in_a == (b[head].evicted_after[j] == token)) continue;
      entries.push_back({static_cast<std::int64_t>(head), static_cast<std::int64_t>(j), in_a,
                         (in_a ? a : b)[head].score[j]});
    }
  }
  return entries;
}

// Scores among which the engines chose otherwise.
struct Choice {
  float lowest = std::numeric_limits<float>::infinity();
  float highest = -std::numeric_limits<float>::infinity();
  std::ptrdiff_t balance = 0;  // entries that left the first run less those that left the second

  void add(const PartedEntry& entry) {
    lowest = std::min(lowest, entry.score);
    highest = std::max(highest, entry.score);
    balance += entry.left_in_first ? 1 : -1;
  }
  // Infinite scores, the same on both sides, are no further apart than equal ones.
  float spread() const { return lowest == highest ? 0 : highest - lowest; }
  bool is_tie(float rounding) const {
    const float scale = std::max(std::abs(lowest), std::abs(highest));
    // No infinite score ties with a finite one, however far rounding of it would reach.
    return balance == 0 && std::isfinite(spread()) &&
           spread() <= std::max(kRelativeRounding * scale, kRoundingFactor * rounding);
  }
};

// Each head chose by itself where as many of its entries left in either run; else the heads of the
// layer share a budget, and the choice was among all of them.
std::vector<Choice> choices_of(const std::vector<PartedEntry>& entries) {
  std::map<std::int64_t, Choice> by_head;
  Choice all;
  for (const PartedEntry& entry : entries) {
    by_head[entry.head].add(entry);
    all.add(entry);
  }
  std::vector<Choice> choices;
  for (const auto& [head, choice] : by_head) {
    if (choice.balance != 0) return {all};
    choices.push_back(choice);
  }
  return choices;
}

void judge(Parting& parting) {
  const bool is_ranked =
      std::none_of(parting.entries.begin(), parting.entries.end(),
                   [](const PartedEntry& entry) { return std::isnan(entry.score); });
  parting.spread = is_ranked ? 0 : std::numeric_limits<float>::quiet_NaN();
  parting.is_tie = is_ranked;
  if (!is_ranked) return;
  for (const Choice& choice : choices_of(parting.entries)) {
    parting.spread = std::max(parting.spread, choice.spread());
    parting.is_tie = parting.is_tie && choice.is_tie(parting.rounding);
  }
}

std::string judgement(const Parting& parting) {
  std::ostringstream text;
  const auto of_first = std::count_if(parting.entries.begin(), parting.entries.end(),
                                      [](const PartedEntry& entry) { return entry.left_in_first; });
  const bool is_even = 2 * of_first == static_cast<std::ptrdiff_t>(parting.entries.size());
  if (std::isnan(parting.spread)) {
    text << "the method chose by no score, so a tie cannot be told";
  } else if (parting.is_tie) {
    text << "a tie: the scores are " << parting.spread << " apart, which is rounding";
  } else if (!is_even) {
    text << "no tie: more entries leave on one engine";
  } else {
    text << "no tie: the scores are " << parting.spread << " apart, rounding moves them by "
         << parting.rounding;
  }
  return text.str();
}

}  // namespace

std::optional<Parting> first_parting(const DocumentRun& first, const DocumentRun& second) {
  PRESSROOM_ASSERT(first.evictions.size() == second.evictions.size());
  std::int32_t token = kNeverLeaves;
  Parting parting;
  for (std::size_t layer = 0; layer < first.evictions.size(); ++layer) {
    for (std::size_t head = 0; head < first.evictions[layer].size(); ++head) {
      const std::int32_t here =
          parts_after(first.evictions[layer][head], second.evictions[layer][head]);
      if (here >= token) continue;  // what is earlier comes before what is in a lower layer
      token = here;
      parting.layer = static_cast<std::int64_t>(layer);
      parting.head = static_cast<std::int64_t>(head);
    }
  }
  if (token == kNeverLeaves) return std::nullopt;
  parting.token = token;
  std::int64_t fed = 0;
  for (const std::int64_t tokens : first.tokens_per_step) {
    fed += tokens;
    if (fed > token) break;
    ++parting.step;
  }
  const auto layer = static_cast<std::size_t>(parting.layer);
  parting.entries = parted_entries(first.evictions[layer], second.evictions[layer], token);
  parting.rounding = rounding_of(first.evictions[layer], second.evictions[layer], token);
  judge(parting);
  return parting;
}

std::string text(const Parting& parting, const std::string& first, const std::string& second,
                 std::size_t most) {
  std::ostringstream text;
  text << "they part at layer " << parting.layer << ", kv head " << parting.head << ", step "
       << parting.step << ", after token " << parting.token << "\n";
  for (const bool of_first : {true, false}) {
    std::size_t named = 0;
    std::size_t others = 0;
    for (const PartedEntry& entry : parting.entries) {
      if (entry.left_in_first != of_first) continue;
      if (named == most) {
        ++others;
        continue;
      }
      ++named;
      text << "  leaves in " << (of_first ? first : second) << " alone: kv head " << entry.head
           << ", position " << entry.position;
      if (!std::isnan(entry.score)) text << ", score " << std::setprecision(9) << entry.score;
      text << "\n";
    }
    if (others > 0)
      text << "  and " << others << " more in " << (of_first ? first : second) << "\n";
  }
  text << "  " << judgement(parting) << "\n";
  return text.str();
}

std::string one_line(const Parting& parting) {
  return "they part at layer " + std::to_string(parting.layer) + ", kv head " +
         std::to_string(parting.head) + ", step " + std::to_string(parting.step) + "; " +
         judgement(parting);
}

}  // namespace pressroom
