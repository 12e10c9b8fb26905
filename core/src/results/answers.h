// The answers of a document in words, as they are stored with a cell and shown in its report: what
// had to be said, what the model said, and how much of the evidence the caches held when asked.
//
//   result.answers = answers_of(measured);   // of all documents of a cell
//   result.answers[0].answers[2].text.expected;
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "pressroom/held_spans.h"
#include "pressroom/metric.h"

namespace pressroom {

struct StoredAnswer {
  AnswerText text;
  // The tokens of its evidence, [begin, end); empty where the dataset names none, or what was held
  // is not known.
  std::vector<std::pair<std::int64_t, std::int64_t>> evidence;
  std::int64_t asked_at = 0;  // the token whose query predicts the first of the answer
  HeldEntries held;           // of the evidence, when it was asked for
};

struct DocumentAnswers {
  std::string id;  // DocumentResult::id
  std::vector<StoredAnswer> answers;
};

// The answers of each document, in order; nothing at all where none has any, or their texts were
// not asked for (MeasurementNeeds::answer_texts). What was held is known where lifetimes were
// measured, too.
std::vector<DocumentAnswers> answers_of(const std::vector<DocumentMeasurements>& documents);

}  // namespace pressroom
