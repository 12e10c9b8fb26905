#include "report/html/evidence_picture.h"

#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "report/html/heat_table.h"
#include "report/html/html_text.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostHeadsNamed = 8;

HeadShares evidence_shares(const HeldEntries& held) {
  HeadShares shares;
  for (const std::vector<std::int64_t>& layer : held.of_head) {
    std::vector<double>& row = shares.emplace_back();
    for (const std::int64_t of_one : layer) {
      row.push_back(static_cast<double>(of_one) / static_cast<double>(held.entries));
    }
  }
  return shares;
}

// Which heads held none of the evidence, in words; the first of them has held the least.
std::string heads_without(const HeldEntries& held) {
  std::vector<std::string> names;
  std::size_t without = 0;
  std::size_t heads = 0;
  for (std::size_t l = 0; l < held.of_head.size(); ++l) {
    for (std::size_t h = 0; h < held.of_head[l].size(); ++h, ++heads) {
      if (held.of_head[l][h] > 0) continue;
      if (++without > kMostHeadsNamed) continue;
      names.push_back("layer " + std::to_string(l) + " head " + std::to_string(h));
    }
  }
  if (without == 0) return "Every head held some of it.";
  return std::to_string(without) + " of " + std::to_string(heads) +
         " heads held none of it: " + joined(names) + (without > kMostHeadsNamed ? " ..." : "") +
         ".";
}

// The layer and KV head that held the least.
std::pair<std::size_t, std::size_t> least_head(const HeldEntries& held) {
  std::pair<std::size_t, std::size_t> least;
  std::int64_t fewest = held.entries + 1;
  for (std::size_t l = 0; l < held.of_head.size(); ++l) {
    for (std::size_t h = 0; h < held.of_head[l].size(); ++h) {
      if (held.of_head[l][h] >= fewest) continue;
      fewest = held.of_head[l][h];
      least = {l, h};
    }
  }
  return least;
}

}  // namespace

std::size_t heads_of(const HeldEntries& held) {
  std::size_t heads = 0;
  for (const std::vector<std::int64_t>& layer : held.of_head) heads += layer.size();
  return heads;
}

std::string evidence_picture(const ShownAnswer& answer, const std::filesystem::path& directory) {
  const StoredAnswer& stored = answer.answer;
  std::vector<std::string> tokens;
  for (const auto& [begin, end] : stored.evidence) {
    tokens.push_back(std::to_string(begin) + "-" + std::to_string(end - 1));
  }
  const std::string label = answer.row->label();
  std::string markup =
      "<details class=\"lost\"><summary>" + html_escaped("Where the evidence was: " + label) +
      "</summary>" +
      element("p",
              "Tokens " + joined(tokens) + ", as token " + std::to_string(stored.asked_at) +
                  " asked for them. " + heads_without(stored.held),
              "class=\"notes\"") +
      heat_table("percent held, " + label, evidence_shares(stored.held), 1);
  if (!answer.trace.empty()) {
    const auto [layer, head] = least_head(stored.held);
    const std::string file = answer.trace.lexically_relative(directory).generic_string();
    markup += "<p class=\"notes\">What a head held, in the campaign's directory: <code>" +
              html_escaped("pressroom trace " + file + " --layer " + std::to_string(layer) +
                           " --head " + std::to_string(head)) +
              "</code>; texts in colours: <a href=\"#traces\">What was evicted</a>.</p>";
  }
  return markup + "</details>";
}

}  // namespace pressroom
