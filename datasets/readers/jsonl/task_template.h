// How context, question and options of a task become one text.
//
//   const TaskTemplate form = parsed_template("{context}\n\nQuestion: {question}\nAnswer:", all);
//   form.lead;                // ""
//   form.question("Who?");    // "\n\nQuestion: Who?\nAnswer:"
//   form.answer("Ann");       // " Ann"
#pragma once

#include <cstddef>
#include <string>

#include "pressroom/task_record.h"

namespace pressroom {

// "A" of 0, "B" of 1.
std::string option_letter(std::size_t option);

struct TaskTemplate {
  std::string lead;  // what stands before the context
  std::string tail;  // what stands behind it: what is asked, once for each question

  // What is asked: the tail with the question and its options, each a line "A. TEXT", in place.
  std::string question(const TaskQuestion& question) const;
  // Whether a record's question is all there is in front of what is asked.
  bool begins_with_question() const;
  // The answer as it stands behind a question: with a blank before it, unless the question ends
  // with white space.
  std::string answer(const std::string& text) const;
};

// A template of which the places {context}, {question} and {options} are filled; each stands there
// once if `fields` names such a field, and not at all if it does not. The context comes first.
// Without one, the lead is all before the last blank line in front of the question, or nothing.
// A template that begins with the question takes the context from it (task_document.h).
// "": the usual one. Other words in braces, of lower case letters and _, are an Error.
TaskTemplate parsed_template(const std::string& text, const TaskFields& fields);

}  // namespace pressroom
