// Groups of cells as the studies count them.
//
//   const GroupLoss loss = group_loss(group);
//   loss.perplexity();       // exp of the mean over all scored tokens of all its cells
//   loss.targets;            // of how many; absent where a cell failed
//
// The studies pool tokens; a perplexity here is that of all targets of a group together, whereas
// aggregated_results.json has the mean over seeds. With one seed they are the same.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stats/cell_groups.h"

namespace pressroom {

// NaN and no counts where a cell of the group failed or is missing: nothing is left out of a mean.
struct GroupLoss {
  std::optional<std::int64_t> targets;                              // scored tokens
  std::optional<std::int64_t> windows;                              // documents of all seeds
  double cross_entropy = std::numeric_limits<double>::quiet_NaN();  // nats per token

  double perplexity() const;      // exp(cross_entropy)
  double bits_per_token() const;  // cross_entropy / ln 2
};
GroupLoss group_loss(const CellGroup& group);

// The sum over a group's cells, or the mean, of a metric; absent where a cell failed, is missing or
// does not have it.
std::optional<double> metric_sum(const CellGroup& group, const std::string& name);
std::optional<double> metric_mean(const CellGroup& group, const std::string& name);

// Adds `kv_dtype` to what a study's file says of a group, where keys and values were not held as
// the studies held theirs, in float32.
void add_kv_dtype(const CellGroup& group, nlohmann::ordered_json& json);

// Whether the method of `group` has another budget too, on its dataset and context.
bool has_other_budgets(const CellGroup& group, const std::vector<CellGroup>& groups);

// Groups of one dataset and context, in order.
struct GroupBlock {
  std::string dataset;
  std::int64_t context_tokens = 0;
  std::vector<const CellGroup*> groups;
};
std::vector<GroupBlock> group_blocks(const std::vector<CellGroup>& groups);

// "_<dataset>" where `groups` have several datasets, then "_ctx<N>" where they have several
// contexts: what tells file names of blocks apart.
std::string block_suffix(const GroupBlock& block, const std::vector<CellGroup>& groups);

// `text` with blanks behind it, to `width` characters at least, and one blank in any case.
std::string padded(const std::string& text, std::size_t width);

}  // namespace pressroom
