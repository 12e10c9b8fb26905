#include "results/answers.h"

#include <algorithm>

namespace pressroom {
namespace {

DocumentAnswers answers_of_document(const DocumentMeasurements& document) {
  DocumentAnswers all = {document.document_id, {}};
  for (std::size_t i = 0; i < document.answer_texts.size(); ++i) {
    StoredAnswer& answer = all.answers.emplace_back();
    answer.text = document.answer_texts[i];
    answer.asked_at = asked_at(document, i);
    answer.held = held_evidence(document, i);
    if (answer.held.entries == 0) continue;
    for (const SpanTokens& span : document.lifetimes.spans) {
      const bool is_of_it = span.answer == static_cast<std::int64_t>(i) && span.begin < span.end;
      if (is_of_it) answer.evidence.emplace_back(span.begin, span.end);
    }
  }
  return all;
}

}  // namespace

std::vector<DocumentAnswers> answers_of(const std::vector<DocumentMeasurements>& documents) {
  const bool any = std::any_of(
      documents.begin(), documents.end(),
      [](const DocumentMeasurements& document) { return !document.answer_texts.empty(); });
  std::vector<DocumentAnswers> all;
  for (std::size_t i = 0; any && i < documents.size(); ++i) {
    all.push_back(answers_of_document(documents[i]));
  }
  return all;
}

}  // namespace pressroom
