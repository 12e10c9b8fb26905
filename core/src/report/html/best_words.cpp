#include "report/html/best_words.h"

#include "base/strings.h"

namespace pressroom {
namespace {

std::string peers_of(const CellGroup& group) {
  return group.dataset + '\n' + std::to_string(group.context_tokens) + '\n' + group.told();
}

}  // namespace

MarkedBest count_marked(const std::vector<FigureRow>& groups,
                        const std::vector<const TableCells*>& rows) {
  MarkedBest marked;
  for (std::size_t i = 0; i < rows.size() && i < groups.size(); ++i) {
    std::vector<std::size_t>& counts = marked[peers_of(groups[i].group)];
    counts.resize(rows[i]->size());
    for (std::size_t c = 0; c < counts.size(); ++c) counts[c] += (*rows[i])[c].best ? 1 : 0;
  }
  return marked;
}

std::string best_words(const CellGroup& group, const std::vector<TableColumn>& columns,
                       const TableCells& cells, const MarkedBest& marked) {
  const std::vector<std::size_t>& counts = marked.at(peers_of(group));
  std::vector<std::string> alone;
  std::vector<std::string> shared;
  for (std::size_t c = 0; c < cells.size(); ++c) {
    if (cells[c].best) (counts[c] > 1 ? shared : alone).push_back(columns[c].header);
  }
  std::string text;
  if (!alone.empty()) text = "best of " + group.told() + " in " + joined(alone);
  if (shared.empty()) return text;
  return text +
         (alone.empty() ? "among the best of " + group.told() + " in "
                        : std::string("; among the best in ")) +
         joined(shared);
}

}  // namespace pressroom
