#include "results/cell.h"

#include <algorithm>
#include <set>

#include "base/number_text.h"

namespace pressroom {

std::string Cell::file_stem() const {
  return method + "_s" + sparsity_text(sparsity) + "_ctx" + std::to_string(context_tokens) +
         "_seed" + std::to_string(seed);
}

double engine_tolerance(const std::string& kv_dtype) {
  // A last bit in which the engines differ may put a channel on the other side of a step of
  // rounding: of 2^-11 of its size, of 2^-8, or of 1 / 254 of the largest beside it. About eight
  // times what documents of 512 tokens show.
  if (kv_dtype == "float16") return 1e-3;
  if (kv_dtype == "bfloat16" || kv_dtype == "q8") return 5e-3;
  return kEngineTolerance;
}

const MetricValue* CellResult::metric(const std::string& name) const {
  for (const MetricValue& value : metrics) {
    if (value.name == name) return &value;
  }
  return nullptr;
}

namespace {

// Words in the order in which they first came.
class Distinct {
 public:
  void add(const std::string& word) {
    if (seen_.insert(word).second) words_.push_back(word);
  }
  std::size_t size() const { return words_.size(); }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
  std::set<std::string> seen_;
};

// "seeds 1, 2, 3", "seed 1"
std::string listed(const std::string& one, const Distinct& all) {
  return one + (all.size() > 1 ? "s " : " ") + first_few(all.words(), ", ");
}

// As it stands in the names of cells.
std::string amount_of(const Cell& cell) {
  if (cell.by_budget) return " with a budget of " + std::to_string(cell.budget_tokens);
  const std::string stem = cell.file_stem();
  const std::size_t end = stem.rfind("_ctx");
  return stem.substr(cell.method.size(), end - cell.method.size());
}

}  // namespace

std::string first_few(const std::vector<std::string>& words, const char* between) {
  std::string text;
  const std::size_t shown = std::min(words.size(), kMostListed);
  for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : between) + words[i];
  if (shown < words.size()) text += std::string(between) + "...";
  return text;
}

std::string cells_in_words(const std::vector<Cell>& cells) {
  Distinct methods, datasets, contexts, seeds;
  for (const Cell& cell : cells) {
    methods.add(cell.method + amount_of(cell));
    datasets.add(cell.dataset);
    contexts.add(std::to_string(cell.context_tokens));
    seeds.add(std::to_string(cell.seed));
  }
  const std::string count = std::to_string(cells.size()) + " cells: ";
  // Nearly always it is all of them, and then this says which.
  if (cells.size() == methods.size() * datasets.size() * contexts.size() * seeds.size()) {
    return first_few(methods.words(), ", ") + " in " + count + listed("dataset", datasets) + ", " +
           listed("context", contexts) + ", " + listed("seed", seeds);
  }
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const Cell& cell : cells) {
    names.push_back((datasets.size() > 1 ? cell.dataset + "/" : "") + cell.file_stem());
  }
  return count + first_few(names, ", ");
}

}  // namespace pressroom
