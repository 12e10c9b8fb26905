#include <algorithm>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Entries of named spans stay, and the rest of the budget goes to the inner method's highest.
struct Protect final : StatefulWrapper<Protect> {
  std::vector<std::string> spans;

  static Declaration<Protect> declare() {
    return Declaration<Protect>(
               "keeps named spans of a document, whatever the inner method says; it ranks the rest")
        .inner("the method that ranks the rest")
        .parameter(&Protect::spans,
                   required("spans", ParameterType::kStringList,
                            "names of spans whose entries never leave: evidence, instruction"));
  }

  void configure(const Parameters& parameters) override {
    StatefulWrapper::configure(parameters);
    if (!spans.empty()) return;
    throw Error({"protect has nothing to protect", "parameter spans", "names of spans", "none",
                 "name some, or use the inner method alone"});
  }

  struct Live final : WrapperPolicyOf<Protect> {
    Live(const Protect& made_by, const PolicyContext& given)
        : WrapperPolicyOf(made_by, given), tokens(tokens_of(made_by.spans, given.spans)) {}

    bool keeps_state() const override { return inner_.policy().keeps_state(); }

    at::Tensor keep(const HeadView& head) override {
      const std::int64_t budget = context.budget_tokens;
      if (head.size() <= budget) return to_tensor(inner_.keep(head, budget));
      return to_tensor(kept(head, inner_.score(head)));
    }

    std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
      const std::int64_t budget = context.budget_tokens;
      bool is_over = false;
      for (std::int64_t h = 0; h < layer.kv_heads(); ++h) is_over |= layer.head(h).size() > budget;
      if (!is_over) return to_tensors(inner_.keep(layer, budget));
      const std::vector<at::Tensor> scores = inner_.scores(layer);
      std::vector<at::Tensor> all;
      for (std::size_t h = 0; h < scores.size(); ++h) {
        all.push_back(to_tensor(kept(layer.head(static_cast<std::int64_t>(h)), scores[h])));
      }
      return all;
    }

    Indices kept(const HeadView& head, const at::Tensor& scores) const {
      const Indices certain = merged(inner_.protected_entries(head), entries_of_spans(head));
      const auto count = static_cast<std::int64_t>(certain.size());
      if (count > context.budget_tokens) refuse_many(head, count);
      return merged(certain, highest(scores.data_ptr<float>(), without(all_of(head), certain),
                                     context.budget_tokens - count));
    }

    Indices entries_of_spans(const HeadView& head) const {
      const Indices positions = to_indices(head.positions());
      Indices entries;
      for (std::size_t j = 0; j < positions.size(); ++j) {
        const bool is_named = std::binary_search(tokens.begin(), tokens.end(), positions[j]);
        if (is_named) entries.push_back(static_cast<std::int64_t>(j));
      }
      return entries;
    }

    [[noreturn]] void refuse_many(const HeadView& head, std::int64_t count) const {
      throw Error(
          {"protected spans are larger than the budget",
           "layer " + std::to_string(context.layer) + ", KV head " + std::to_string(head.kv_head()),
           "at most " + std::to_string(context.budget_tokens) +
               " entries, with the sinks and newest entries of the inner method",
           std::to_string(count), "raise the budget, or name fewer spans"});
    }

    const Indices tokens;  // ascending original positions
  };

  // All tokens of the spans called `names`, ascending.
  static Indices tokens_of(const std::vector<std::string>& names,
                           const std::vector<SpanTokens>& of_document) {
    Indices tokens;
    for (const std::string& name : names) {
      bool is_there = false;
      for (const SpanTokens& span : of_document) {
        if (span.name != name) continue;
        is_there = true;
        tokens = merged(tokens, indices_of({span.begin, span.end}));
      }
      if (!is_there) refuse_name(name, of_document);
    }
    return tokens;
  }

  [[noreturn]] static void refuse_name(const std::string& name,
                                       const std::vector<SpanTokens>& of_document) {
    std::vector<std::string> there;
    for (const SpanTokens& span : of_document) there.push_back(span.name);
    std::sort(there.begin(), there.end());
    there.erase(std::unique(there.begin(), there.end()), there.end());
    std::string expected;
    for (const std::string& one : there) expected += (expected.empty() ? "" : ", ") + one;
    throw Error({"the document has no span of this name", "parameter spans of protect",
                 expected.empty() ? "a document that names spans, as those of task readers"
                                  : "of " + expected,
                 '"' + name + '"',
                 "name one that every document of the dataset has, or take another dataset"});
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Protect, "protect", "1.0.0")
