#include "depth_first_search.h"

#include <algorithm>

#include "pressroom/made_reader.h"

namespace pressroom {
namespace {

using Neighbours = std::vector<std::vector<std::size_t>>;  // of each node, in the order of its line

std::string node_name(std::size_t node) {
  std::string name(1, static_cast<char>('A' + node % 26));
  if (node >= 26) name.insert(name.begin(), static_cast<char>('A' + node / 26 - 1));
  return name;
}

// A tree, every node of which hangs on an earlier one, and half as many edges drawn beside it; one
// that is there already is left out.
Neighbours connected_graph(RandomKey key, std::size_t nodes) {
  Neighbours neighbours(nodes);
  const auto connect = [&](std::size_t a, std::size_t b) {
    const std::vector<std::size_t>& known = neighbours[a];
    if (a == b || std::find(known.begin(), known.end(), b) != known.end()) return;
    neighbours[a].push_back(b);
    neighbours[b].push_back(a);
  };
  // Names in another order than that of the tree, which would else begin at A.
  const std::vector<std::size_t> node = draw_distinct(key.with("names"), nodes, nodes);
  for (std::size_t i = 1; i < nodes; ++i) connect(node[i], node[key.with("tree").with(i).below(i)]);
  for (std::size_t i = 0; i < nodes / 2; ++i) {
    const RandomKey edge = key.with("edge").with(i);
    connect(edge.with("from").below(nodes), edge.with("to").below(nodes));
  }
  for (std::size_t i = 0; i < nodes; ++i) shuffle(neighbours[i], key.with("line").with(i));
  return neighbours;
}

std::vector<std::string> search_from(std::size_t start, const Neighbours& neighbours) {
  std::vector<std::string> lines;
  std::vector<bool> visited(neighbours.size());
  std::vector<std::size_t> path = {start};
  const auto tell = [&](const std::string& what) {
    std::string line = "Step " + std::to_string(lines.size() + 1) + ": " + what +
                       node_name(path.back()) + ", path ";
    for (std::size_t i = 0; i < path.size(); ++i) line += (i > 0 ? "-" : "") + node_name(path[i]);
    lines.push_back(line + '.');
  };
  visited[start] = true;
  tell("visit ");
  while (true) {
    const std::vector<std::size_t>& line = neighbours[path.back()];
    const auto next =
        std::find_if(line.begin(), line.end(), [&](std::size_t node) { return !visited[node]; });
    if (next != line.end()) {
      path.push_back(*next);
      visited[*next] = true;
      tell("visit ");
      continue;
    }
    path.pop_back();
    if (path.empty()) return lines;
    tell("back to ");
  }
}

}  // namespace

Procedure depth_first_search(RandomKey key, std::size_t nodes, std::size_t runs) {
  const Neighbours neighbours = connected_graph(key.with("graph"), nodes);
  Procedure search;
  search.instruction =
      "Below is a graph: each line names a node and its neighbours. A depth-first search visits "
      "its start. From the node it is at it visits the first neighbour of that node's line that it "
      "has not visited yet; where there is none, it goes back to the node it came from. It ends "
      "when nothing is left at its start. Write one line for each step: the node it is at, and the "
      "path to it from the start.";
  for (std::size_t node = 0; node < nodes; ++node) {
    if (node > 0) search.rules += '\n';
    search.rules += node_name(node) + ':';
    const char* separator = " ";
    for (const std::size_t neighbour : neighbours[node]) {
      search.rules += separator + node_name(neighbour);
      separator = ", ";
    }
  }
  search.question = "Depth-first search from";
  for (const std::size_t start : draw_distinct(key.with("starts"), nodes, runs)) {
    search.runs.push_back({node_name(start), search_from(start, neighbours)});
  }
  return search;
}

}  // namespace pressroom
