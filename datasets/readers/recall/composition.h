// How a recall document is put together: facts at given depths of ordinary text, questions at its
// end, and as much text as the length allows.
//
//   Plan plan;
//   plan.facts = {{"Anna", "river"}, {"Bruno", "salt"}};
//   plan.depths = {0.2, 0.7};
//   plan.asked = {1};
//   Composition made = fitted(plan, sentence, 512, count_tokens);
//   // "In winter the ... The key of Bruno is salt. ... by the fire. The key of Bruno is salt"
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pressroom/dataset.h"
#include "vocabulary.h"

namespace pressroom {

struct Plan {
  std::vector<Fact> facts;         // in the order in which they are stated
  std::vector<double> depths;      // of each, ascending: share of the filler's bytes before it
  std::vector<std::size_t> asked;  // facts the questions are about, in order, each at most once
};

struct Composition {
  std::string text;
  std::vector<Answer> answers;  // one a question, the blank before the word included
  std::size_t context_end = 0;  // where the questions begin
  std::vector<Span> facts;      // "evidence" of the answers, and "fact" for what nobody asks
};

// `filler` with every fact at the sentence boundary nearest to its depth, then the questions. A
// question is the fact's own sentence again; the text ends with the last answer. The blank that
// begins the first sentence is left out.
Composition composed(const Plan& plan, const std::vector<std::string>& filler);

// Sentence `index` of a document's filler, with a blank before it; any index is good.
using FillerSentence = std::function<std::string(std::size_t index)>;

// The composition of the first so many sentences that fit into `length_tokens`, as `count_tokens`
// of the whole text says, and of the last words of the next one in front of them. `used` is told
// the number of sentences touched. Throws Error when not even facts and questions fit.
Composition fitted(const Plan& plan, const FillerSentence& sentence, std::int64_t length_tokens,
                   const std::function<std::int64_t(const std::string& text)>& count_tokens,
                   std::size_t* used);

}  // namespace pressroom
