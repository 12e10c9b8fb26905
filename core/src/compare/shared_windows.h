// Which windows two or more campaigns have in common: the only ones on which they can be compared.
//
// A window is the same when dataset label, context, protocol, seed, id, the hash of its token ids
// and its targets are. Campaigns on other texts, tokenizers or protocols share none.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "results/cell.h"

namespace pressroom {

struct TestPlace {
  std::string dataset;
  std::int64_t context_tokens = 0;
  std::string protocol;

  std::string text() const;  // "books, context 1024", and the protocol where it is not "stream"
  bool operator<(const TestPlace& other) const {
    return std::tie(dataset, context_tokens, protocol) <
           std::tie(other.dataset, other.context_tokens, other.protocol);
  }
};

TestPlace place_of(const Cell& cell);

// By id; absent for a seed of which no cell has been run yet.
using Windows = std::map<std::string, const DocumentResult*>;
using WindowsBySeed = std::map<std::uint64_t, std::optional<Windows>>;

// What `results`, which must outlive it, were measured on.
std::map<TestPlace, WindowsBySeed> windows_of(const std::vector<CellResult>& results);

struct SharedWindows {
  WindowsBySeed windows;     // in both; a seed that one has yet to run is as the other has it
  std::size_t common = 0;    // windows, over the seeds
  std::size_t of_first = 0;  // and how many each has
  std::size_t of_second = 0;
  std::string why_none;  // in words, when there are none: "seeds 42 and 43, 44"; "" else
};

SharedWindows shared_windows(const WindowsBySeed& first, const WindowsBySeed& second);

}  // namespace pressroom
