#include <algorithm>

#include "distinct_texts.h"
#include "pressroom/made_reader.h"
#include "pressroom/plugin.h"

namespace pressroom {

// A JSON object of random keys and values, as large as the context allows, and questions for the
// values of some of its keys.
struct KvRetrieval final : MadeReader<KvRetrieval> {
  std::int64_t questions = 0;
  std::string keys, values;

  static Declaration<KvRetrieval> declare() {
    return declare_made("made documents: a JSON object of random pairs, questions for its values")
        .paper("Li et al., SCBench, ICLR 2025, arXiv 2412.10319")
        .parameter(&KvRetrieval::questions,
                   integer("questions", 5, "of a document, each for another key")
                       .at_least(1)
                       .at_most(1000))
        .parameter(&KvRetrieval::keys, string("keys", "uuids", "what keys are; numbers: 7 digits")
                                           .one_of({"uuids", "numbers"}))
        .parameter(&KvRetrieval::values,
                   string("values", "uuids", "what values are").one_of({"uuids", "numbers"}));
  }

 protected:
  Document make(std::int64_t index) const override {
    const RandomKey key = document_key("kv_retrieval", index);
    DistinctTexts names(keys, key.with("keys"));
    DistinctTexts contents(values, key.with("values"));
    const auto asked = static_cast<std::size_t>(questions);
    Document document =
        fitted(asked, std::min(names.most(), contents.most()), "pairs", [&](std::size_t pairs) {
          return with_pairs(names, contents, pairs,
                            draw_distinct(key.with("questions"), pairs, asked));
        });
    document.id = "kv_retrieval-" + std::to_string(index);
    return document;
  }

 private:
  // `asked`: pairs, in the order of the questions.
  static Document with_pairs(DistinctTexts& names, DistinctTexts& contents, std::size_t pairs,
                             const std::vector<std::size_t>& asked) {
    Document document;
    append(document,
           "Extract the value corresponding to the specified key in the JSON object below.",
           "instruction");
    append(document, "\n\n");
    const std::size_t begin = document.text.size();
    std::vector<std::size_t> begins;
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      append(document, pair == 0 ? "{" : ", ");
      begins.push_back(document.text.size());
      append(document, '"' + names.at(pair) + "\": \"" + contents.at(pair) + '"');
    }
    append(document, "}");
    mark(document, "context", begin, document.text.size());
    document.context_end = document.text.size();
    for (std::size_t q = 0; q < asked.size(); ++q) {
      const std::string& name = names.at(asked[q]);
      const std::string& content = contents.at(asked[q]);
      const std::size_t bytes = name.size() + content.size() + 6;  // with their quotes and ": "
      mark(document, "evidence", begins[asked[q]], begins[asked[q]] + bytes,
           static_cast<std::int64_t>(q));
      ask(document, "\n\nKey: \"" + name + "\"\nThe value associated with the specified key is:",
          ' ' + content);
    }
    document.stop = {"\n"};
    return document;
  }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::KvRetrieval, "kv_retrieval", "1.0.0")
