// The windows that are left for a calibration.
#include <algorithm>
#include <set>

#include "campaign/calibration/calibrate.h"

namespace pressroom {
namespace {

std::vector<Window> sample(DatasetReader& reader, const Tokenizer& tokenizer,
                           std::int64_t context_tokens, std::int64_t count, std::uint64_t seed,
                           const std::string& where) {
  try {
    return sample_windows(reader, tokenizer, context_tokens, count, seed);
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) {
      if (!problem.where.empty()) continue;
      problem.where = where;
      problem.fix += "; or lower match.documents";
    }
    throw Error(problems);
  }
}

}  // namespace

std::vector<Window> unused_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                   std::int64_t context_tokens, std::int64_t count,
                                   std::uint64_t seed,
                                   const std::vector<const std::vector<Window>*>& used,
                                   const std::string& where) {
  std::set<std::string> ids;
  std::set<std::string> contents;
  for (const std::vector<Window>* windows : used) {
    for (const Window& window : *windows) {
      ids.insert(window.tokens.id);
      contents.insert(window.ids_sha256);
    }
  }
  const auto spared = static_cast<std::int64_t>(ids.size());
  const std::string place = where + ": " + std::to_string(count) +
                            " windows to calibrate on beside the " + std::to_string(spared) +
                            " that the campaign scores";
  const auto is_used = [&](const Window& window) {
    return ids.count(window.tokens.id) > 0 || contents.count(window.ids_sha256) > 0;
  };
  // So many that enough are left whichever of them are used; more where there are copies.
  std::int64_t asked = count + spared;
  std::vector<Window> left;
  while (true) {
    left = sample(reader, tokenizer, context_tokens, asked, seed, place);
    left.erase(std::remove_if(left.begin(), left.end(), is_used), left.end());
    const std::int64_t missing = count - static_cast<std::int64_t>(left.size());
    if (missing <= 0) break;
    asked += missing;
  }
  const auto draw = [&](const Window& window) {
    return RandomKey(seed).with("calibration window").with(window.tokens.id).bits();
  };
  std::stable_sort(left.begin(), left.end(),
                   [&](const Window& a, const Window& b) { return draw(a) < draw(b); });
  left.resize(static_cast<std::size_t>(count));
  return left;
}

}  // namespace pressroom
