// Documents with answers that need no file: what metrics are recorded on.
//
//   MadeTasks tasks;
//   const auto windows = sample_windows(tasks, tokenizer, kGoldenDocumentTokens, 2, 0);
#pragma once

#include <optional>

#include "pressroom/dataset.h"

namespace pressroom {

// Two documents, each some facts - "The number of Ada is 4821." - and then one of them once more,
// whose number is the answer. Names and numbers are drawn from a fixed key.
class MadeTasks final : public DatasetReader {
 public:
  static constexpr int kDocuments = 2;

  PluginInfo describe() const override;
  void configure(const Parameters& parameters) override;
  std::optional<Document> next() override;
  void rewind() override { made_ = 0; }

 private:
  int made_ = 0;
};

}  // namespace pressroom
