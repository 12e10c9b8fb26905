// The parameters of jsonl that say where a record's task is and how it is asked.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/declaration.h"
#include "task_document.h"

namespace pressroom {

struct TaskParameters {
  std::string context_field, question_field, answers_field, options_field, questions_field;
  std::string form_text, answer_after, on_long;
  bool answer_must_occur = false;
  std::int64_t most_tokens = 0;
  std::vector<std::string> stop;

  // For Declaration::part. `configure` throws Error for parameters that contradict each other.
  static Declaration<TaskParameters> declare();
  void configure(const Parameters& parameters);

  // Whether records ask something; if not, nothing else of a task is given.
  bool asks() const { return !answers_field.empty(); }
  TaskFields fields() const;
  // Throws Error for a template that does not go with the fields.
  TaskForm form() const;

 private:
  void check() const;
};

}  // namespace pressroom
