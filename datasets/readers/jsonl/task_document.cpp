#include "task_document.h"

#include <algorithm>

#include "pressroom/error.h"
#include "pressroom/most_that_fit.h"
#include "pressroom/task_text.h"

namespace pressroom {
namespace {

bool is_inside_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

// The first and the last `bytes` / 2 bytes of `text`, without parts of characters.
std::string ends_of(const std::string& text, std::size_t bytes) {
  if (bytes >= text.size()) return text;
  std::size_t head = bytes - bytes / 2;
  std::size_t tail = text.size() - bytes / 2;
  while (head > 0 && is_inside_character(text[head])) --head;
  while (tail < text.size() && is_inside_character(text[tail])) ++tail;
  return text.substr(0, head) + text.substr(tail);
}

// Sets that put their paragraphs into the question itself, as RULER's question answering does, have
// the context before its last blank line. Returns the rest.
std::string without_context(std::string question, Document& document) {
  const std::size_t end = question.rfind("\n\n");
  if (end == std::string::npos) return question;
  append(document, question.substr(0, end), "context");
  document.context_end = document.text.size();
  return question.substr(end);
}

void ask_question(Document& document, const TaskQuestion& asked, const TaskForm& form) {
  std::string question = form.text.question(asked);
  if (document.text.empty() && form.text.begins_with_question()) {
    question = without_context(std::move(question), document);
  }
  // Questions that do not begin with a separator of their own.
  const bool begins_blank = question.find_first_not_of(" \t\r\n") > 0;
  if (!document.answers.empty() && !begins_blank) question = "\n\n" + question;
  std::vector<std::string> references = asked.answers;
  if (!asked.options.empty()) {
    references = {option_letter(asked.right_option), asked.options[asked.right_option]};
  }
  Answer& answer = ask(document, question, form.text.answer(references.front()));
  answer.references = references;
  answer.options = asked.options;
  answer.most_tokens = form.most_tokens;
}

void mark_evidence(Document& document, const TaskRecord& record, std::size_t context_begin) {
  const std::string context =
      document.text.substr(context_begin, document.context_end - context_begin);
  for (std::size_t q = 0; q < record.questions.size(); ++q) {
    for (const std::string& answer : record.questions[q].answers) {
      const std::size_t at = context.find(answer);
      if (at == std::string::npos) continue;
      const std::size_t begin = context_begin + at;
      mark(document, "evidence", begin, begin + answer.size(), static_cast<std::int64_t>(q));
    }
  }
}

// Tokens that generated answers may need beyond those that are expected, and one for each question,
// which can have one more when it is cut into tokens by itself.
std::int64_t reserve_tokens(const Document& document, const TaskForm& form,
                            const ReadingContext& context) {
  std::int64_t reserve = 0;
  for (const Answer& answer : document.answers) {
    const std::int64_t expected =
        context.count_tokens(document.text.substr(answer.begin, answer.end - answer.begin));
    reserve = std::max(reserve, form.most_tokens - expected);
  }
  return reserve + static_cast<std::int64_t>(document.answers.size());
}

}  // namespace

Document task_document(const TaskRecord& record, const TaskForm& form) {
  Document document;
  document.id = record.id;
  append(document, form.text.lead, "instruction");
  const std::size_t begin = document.text.size();
  append(document, record.context, "context");
  document.context_end = document.text.size();
  for (const TaskQuestion& question : record.questions) ask_question(document, question, form);
  if (form.marks_evidence) mark_evidence(document, record, begin);
  document.stop = form.stop;
  document.provenance = record.provenance + ", " + std::to_string(document.text.size()) + " bytes";
  return document;
}

std::optional<Document> fitted_task(const TaskRecord& record, const TaskForm& form,
                                    const ReadingContext& context, const std::string& where) {
  const Document whole = task_document(record, form);
  const std::int64_t limit = context.context_tokens - reserve_tokens(whole, form, context);
  const std::int64_t tokens = context.count_tokens(whole.text);
  if (tokens <= limit) return whole;
  if (form.on_long == OnLong::kSkip) return std::nullopt;
  if (form.on_long == OnLong::kFail) {
    throw Error({"a record is longer than the context", where,
                 "at most " + std::to_string(limit) + " tokens with question and answer",
                 std::to_string(tokens) + " tokens",
                 "raise protocol.context, or say on_long: middle, or skip"});
  }
  const auto cut_to = [&](std::size_t bytes) {
    TaskRecord cut = record;
    cut.context = ends_of(record.context, bytes);
    return task_document(cut, form);
  };
  const std::optional<std::size_t> left =
      most_that_fit(0, record.context.size(), limit,
                    [&](std::size_t bytes) { return context.count_tokens(cut_to(bytes).text); });
  if (!left) {
    throw Error({"a record does not fit without its context", where,
                 "at most " + std::to_string(limit) + " tokens of template, question and answer",
                 std::to_string(context.count_tokens(cut_to(0).text)) + " tokens",
                 "raise protocol.context, or say on_long: skip"});
  }
  Document document = cut_to(*left);
  document.provenance += ", the middle of its context cut: " +
                         std::to_string(whole.text.size() - document.text.size()) + " bytes";
  return document;
}

}  // namespace pressroom
