// Which windows of which documents a campaign uses: chosen by the seed, the same for every method.
//
//   const auto windows = sample_windows(reader, tokenizer, 1024, 20, 42);
//   WindowStore store(config, datasets, tokenizer, vocabulary);   // of all cells, each drawn once
//   const std::vector<Window>* of_cell = store.find(planned, problems);
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "campaign/plan.h"
#include "campaign/window.h"
#include "pressroom/dataset.h"
#include "pressroom/error.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// `count` windows of `context_tokens` tokens. Every document is cut into windows that do not
// overlap; each window draws a number from (seed, document, offset) and the lowest `count` win, so
// the choice does not depend on the order of reading and no more than `count` windows are held in
// memory. Windows come in the order of the dataset. A document with answers is one window, whole
// (campaign/task_window.h); `protocol` says how its questions become tokens. Throws Error when
// there are fewer than `count`, what task_window throws, and under `questions` for a document that
// asks nothing.
std::vector<Window> sample_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                   std::int64_t context_tokens, std::int64_t count,
                                   std::uint64_t seed, const Protocol& protocol = {});
// The same for each of `seeds`, in order, of documents that are read and cut into tokens once.
std::vector<std::vector<Window>> sample_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                                std::int64_t context_tokens, std::int64_t count,
                                                const std::vector<std::uint64_t>& seeds,
                                                const Protocol& protocol = {});

// The windows of a whole campaign, each drawn once.
class WindowStore {
 public:
  // All are borrowed. `datasets` are those of the config, configured, in order.
  WindowStore(const CampaignConfig& config,
              const std::vector<std::unique_ptr<DatasetReader>>& datasets,
              const Tokenizer& tokenizer, std::int64_t vocabulary)
      : config_(config), datasets_(datasets), tokenizer_(tokenizer), vocabulary_(vocabulary) {}

  // The windows of the cell's dataset, context and seed; valid as long as the store. nullptr where
  // the dataset has none: why goes to `problems`, once for all seeds, as it does not depend on
  // them.
  const std::vector<Window>* find(const PlannedCell& planned, std::vector<Problem>& problems);

 private:
  const CampaignConfig& config_;
  const std::vector<std::unique_ptr<DatasetReader>>& datasets_;
  const Tokenizer& tokenizer_;
  std::int64_t vocabulary_;  // of the model: ids beyond it are a problem of the dataset
  std::map<std::tuple<std::size_t, std::int64_t, std::uint64_t>, std::vector<Window>> windows_;
  std::set<std::pair<std::size_t, std::int64_t>> unusable_;  // dataset, context
};

}  // namespace pressroom
