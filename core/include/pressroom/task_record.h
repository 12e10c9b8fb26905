// Records of JSON lines that ask something: a context, and questions about it with the answers that
// are accepted.
//
//   JsonLinesOptions options;
//   options.task.context = "context";
//   options.task.question = "input";
//   options.task.answers = "answers";
//   JsonLines records(files, options);
//   while (std::optional<TaskRecord> record = records.next_task()) ...
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace pressroom {

// Which fields hold what; "": the records have no such thing. A name that no field has leads into
// objects: "answers.text" is the member `text` of the field `answers`.
struct TaskFields {
  std::string context;   // a text; texts in a list are put together with a blank line between,
                         // those of a list in a list without; numbers in a list become "[1, 2]"
  std::string question;  // a text that is not blank
  std::string answers;   // a text or a number, or a list of those, all accepted: at least one
  std::string options;   // of a multiple choice: a list of at least two texts
  // A list of objects in which `question`, `answers` and `options` are looked up: several questions
  // about one context. "": the record itself asks one.
  std::string questions;
  // Of each answer what follows the last of these; "": all of it.
  std::string answer_after;
  bool answer_must_occur = false;  // one of the accepted answers stands in the context

  bool asks() const { return !answers.empty(); }
};

struct TaskQuestion {
  std::string question;
  std::vector<std::string> answers;  // accepted, in the record's order, none of them blank
  std::vector<std::string> options;
  std::size_t right_option = 0;  // which of `options` is right
};

struct TaskRecord {
  std::string id;
  std::string provenance;
  std::string context;
  std::vector<TaskQuestion> questions;  // at least one
};

}  // namespace pressroom
