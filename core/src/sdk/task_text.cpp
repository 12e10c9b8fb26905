#include "pressroom/task_text.h"

#include "pressroom/error.h"

namespace pressroom {

void append(Document& document, const std::string& text, const std::string& span) {
  const std::size_t begin = document.text.size();
  document.text += text;
  if (!span.empty() && !text.empty()) mark(document, span, begin, document.text.size());
}

void mark(Document& document, const std::string& span, std::size_t begin, std::size_t end,
          std::int64_t answer) {
  PRESSROOM_ASSERT(begin < end && end <= document.text.size());
  document.spans.push_back({span, begin, end, answer});
}

Answer& ask(Document& document, const std::string& question, const std::string& answer) {
  append(document, question, "question");
  Answer& asked = document.answers.emplace_back();
  asked.begin = document.text.size();
  document.text += answer;
  asked.end = document.text.size();
  return asked;
}

}  // namespace pressroom
