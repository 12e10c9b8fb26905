#include "engine/eviction/pages.h"

#include <algorithm>
#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

struct Page {
  IndexRange entries;
  float mean = 0;
};

float mean_of_page(const std::vector<float>& scores, IndexRange entries) {
  double sum = 0;
  for (std::int64_t j = entries.begin; j < entries.end; ++j) sum += scores[j];
  return static_cast<float>(sum / static_cast<double>(entries.size()));
}

std::vector<Page> pages_of(const std::vector<std::int32_t>& positions,
                           const std::vector<float>& scores, std::int64_t page_tokens) {
  std::vector<Page> pages;
  const auto entries = static_cast<std::int64_t>(positions.size());
  for (std::int64_t begin = 0; begin < entries;) {
    std::int64_t end = begin + 1;
    while (end < entries && positions[end] / page_tokens == positions[begin] / page_tokens) ++end;
    pages.push_back({{begin, end}, mean_of_page(scores, {begin, end})});
    begin = end;
  }
  return pages;
}

// Those that may leave, in the order in which they do.
std::vector<Page> candidates_of(const std::vector<std::int32_t>& positions,
                                const std::vector<Page>& pages, const PageRule& rule,
                                const std::string& where) {
  std::vector<Page> candidates;
  for (const Page& page : pages) {
    const bool is_free =
        page.entries.begin >= rule.evictable.begin && page.entries.end <= rule.evictable.end;
    const std::int64_t end_of_page =
        (positions[page.entries.begin] / rule.page_tokens + 1) * rule.page_tokens;
    // A server goes on writing to a page that has room.
    if (!is_free || end_of_page > rule.next_position) continue;
    if (std::isnan(page.mean)) {
      throw Error({"the mean score of a page is NaN",
                   where + ", cache index " + std::to_string(page.entries.begin) + " .. " +
                       std::to_string(page.entries.end - 1),
                   "scores that have a mean", "NaN", "fix the method: a NaN cannot be ranked"});
    }
    candidates.push_back(page);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Page& a, const Page& b) { return a.mean < b.mean; });
  return candidates;
}

}  // namespace

LeavingEntries leaving_pages(const std::vector<std::int32_t>& positions,
                             const std::vector<float>& scores, const PageRule& rule,
                             const std::string& where) {
  PRESSROOM_ASSERT(positions.size() == scores.size());
  LeavingEntries leaving;
  const std::vector<Page> pages = pages_of(positions, scores, rule.page_tokens);
  for (const Page& page : pages)
    leaving.ranks.insert(leaving.ranks.end(), page.entries.size(), page.mean);
  auto held = static_cast<std::int64_t>(positions.size());
  for (const Page& page : candidates_of(positions, pages, rule, where)) {
    const bool is_unwanted = rule.drops_unwanted && page.mean == 0;
    if (held <= rule.most_held && !is_unwanted) break;
    for (std::int64_t j = page.entries.begin; j < page.entries.end; ++j) {
      leaving.indices.push_back(j);
    }
    held -= page.entries.size();
  }
  PRESSROOM_ASSERT(held <= rule.most_held);
  std::sort(leaving.indices.begin(), leaving.indices.end());
  return leaving;
}

std::vector<float> mean_over_heads(const std::vector<std::vector<float>>& scores) {
  std::vector<float> means(scores.front().size());
  for (std::size_t j = 0; j < means.size(); ++j) {
    double sum = 0;
    for (const std::vector<float>& of_head : scores) sum += of_head[j];
    means[j] = static_cast<float>(sum / static_cast<double>(scores.size()));
  }
  return means;
}

}  // namespace pressroom
