// What the tests of readers that make their tasks share: their documents for a context, and parts of
// those.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "recall_test_support.h"

namespace pressroom {

inline std::vector<Document> made_documents(const std::string& reader, const Given& given,
                                            const ReadingContext& context) {
  const std::unique_ptr<DatasetReader> made = reader_of(reader, given);
  made->prepare(context);
  return rest_of(*made);
}

// The one problem that making the documents ends in.
inline Problem made_problem(const std::string& reader, const Given& given,
                            const ReadingContext& context) {
  try {
    made_documents(reader, given, context);
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().size(), 1U);
    return error.problems().front();
  }
  ADD_FAILURE() << "no Error was thrown";
  return {};
}

inline std::string text_of(const Document& document, const Answer& answer) {
  return document.text.substr(answer.begin, answer.end - answer.begin);
}

inline std::string text_of(const Document& document, const Span& span) {
  return document.text.substr(span.begin, span.end - span.begin);
}

// The text of every span of that name, in order; of those for an answer only, if it is not -1.
inline std::vector<std::string> span_texts(const Document& document, const std::string& name,
                                           std::int64_t answer = -1) {
  std::vector<std::string> texts;
  for (const Span& span : document.spans) {
    if (span.name == name && span.answer == answer) texts.push_back(text_of(document, span));
  }
  return texts;
}

// Question `index`: from the end of the context, or of the answer before, to the answer.
inline std::string question_text(const Document& document, std::size_t index) {
  const std::size_t begin = index == 0 ? document.context_end : document.answers[index - 1].end;
  return document.text.substr(begin, document.answers[index].begin - begin);
}

}  // namespace pressroom
