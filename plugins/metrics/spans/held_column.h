// One column of the metric `spans`: what each document held of one span name's entries at one time.
//
//   columns["held_evidence"].add(document, "when its answer is asked for", held);
//   columns["held_evidence"].add_values("held_evidence", By::kHead, values);
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/held_spans.h"
#include "pressroom/metric.h"

namespace pressroom::span_metric {

enum class By { kModel, kLayer, kHead };  // what shares are told of, beside the whole

using Shares = std::vector<std::optional<double>>;  // of each document; none: it has no such entry

class HeldColumn {
 public:
  // Entries of one more span of document `document`; documents ascend. `when` in words.
  void add(std::size_t document, const std::string& when, const HeldEntries& held) {
    when_ = when;
    documents_.resize(document + 1);
    documents_.back().add(held);
  }

  // The share of all caches, called `name`, and with layers or heads `name`.l2 or `name`.l2h1: one
  // value each. None where at that time no document had an entry yet. `documents`: how many there
  // were.
  void add_values(const std::string& name, By by, std::size_t documents,
                  std::vector<MetricValue>& values) const {
    const auto has = [](const HeldEntries& held) { return held.entries > 0; };
    const auto some = std::find_if(documents_.begin(), documents_.end(), has);
    if (some == documents_.end()) return;
    const auto add_value = [&](const std::string& part, const std::string& over, auto share) {
      values.push_back(mean_over_documents(part, over, documents, share));
    };
    add_value(name, "documents, layers and KV heads",
              [](const HeldEntries& held) { return held.share(); });
    for (std::size_t l = 0; by != By::kModel && l < some->of_head.size(); ++l) {
      const std::string layer = name + ".l" + std::to_string(l);
      if (by == By::kLayer) {
        add_value(layer, "documents and KV heads of the layer", [l](const HeldEntries& held) {
          return HeldEntries{held.entries, {held.of_head.at(l)}}.share();
        });
        continue;
      }
      for (std::size_t h = 0; h < some->of_head[l].size(); ++h) {
        add_value(layer + "h" + std::to_string(h), "documents", [l, h](const HeldEntries& held) {
          return HeldEntries{held.entries, {{held.of_head.at(l).at(h)}}}.share();
        });
      }
    }
  }

 private:
  MetricValue mean_over_documents(const std::string& name, const std::string& over,
                                  std::size_t documents,
                                  const std::function<double(const HeldEntries&)>& share) const {
    MetricValue value = {name, 0, "1", Direction::kNeither, when_ + ", mean over " + over};
    double count = 0;
    for (const HeldEntries& held : documents_) {
      value.documents.push_back(held.entries > 0 ? std::optional(share(held)) : std::nullopt);
      value.value += value.documents.back().value_or(0);
      count += held.entries > 0 ? 1 : 0;
    }
    value.value /= count;
    value.documents.resize(documents);
    return value;
  }

  std::string when_;
  std::vector<HeldEntries> documents_;  // up to the last that has such a span
};

}  // namespace pressroom::span_metric
