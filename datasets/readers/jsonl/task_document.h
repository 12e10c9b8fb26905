// A record that asks something as the document of a task.
//
//   TaskForm form;
//   form.text = parsed_template("", fields);
//   const Document document = task_document(record, form);
//   std::optional<Document> fits = fitted_task(record, form, context, records.where());
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/dataset.h"
#include "task_template.h"

namespace pressroom {

// What becomes of a record that is longer than the context.
enum class OnLong {
  kFail,    // an Error
  kSkip,    // it is left out
  kMiddle,  // the middle of its context is cut out, as little as is enough
};

struct TaskForm {
  TaskTemplate text;
  std::int64_t most_tokens = 0;   // of a generated answer; 0: what the campaign says
  std::vector<std::string> stop;  // what ends one
  bool marks_evidence = false;    // name where accepted answers stand in the context
  OnLong on_long = OnLong::kFail;
};

// The document of a record. Of a multiple choice the answer is the letter, and its references are
// letter and text; else the answer is the first of those accepted, all of which are references.
// Spans: instruction (what stands before the context), context, question, and, where asked for,
// evidence: each accepted answer's first place in the context.
Document task_document(const TaskRecord& record, const TaskForm& form);

// The same if it fits into the context with `most_tokens` behind each of its questions, or fits
// once the middle of its context is cut out - at characters, the same number of bytes left at both
// ends -, which its provenance then says. Nothing if it is to be left out. Throws Error for
// one, at `where`, that does not fit and should, or that does not fit without any context.
std::optional<Document> fitted_task(const TaskRecord& record, const TaskForm& form,
                                    const ReadingContext& context, const std::string& where);

}  // namespace pressroom
