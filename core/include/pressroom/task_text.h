// Putting the text of a task's document together: context, questions, answers, and the names of its
// stretches.
//
//   Document document;
//   append(document, "Read the notes.", "instruction");
//   append(document, notes, "context");
//   document.context_end = document.text.size();
//   ask(document, "\n\nWho mended the fence?", " The sailor");
//   mark(document, "evidence", notes_begin + 17, notes_begin + 41, 0);
//
// Where a tokenizer cuts is not known here. What is asked begins with white space and an answer
// ends with a letter or a digit, so that few tokenizers put a byte of both sides into one token.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pressroom/dataset.h"

namespace pressroom {

// Appends `text` to the document's, as a span of that name unless it is "" or the text is.
void append(Document& document, const std::string& text, const std::string& span = "");

// Names bytes [begin, end) of the document's text; `answer`: whose evidence they are.
void mark(Document& document, const std::string& span, std::size_t begin, std::size_t end,
          std::int64_t answer = -1);

// Appends a question, a span "question", and behind it the answer that is expected, with the white
// space it begins with. Returns the answer, for its references and its limit; valid until the next
// call.
Answer& ask(Document& document, const std::string& question, const std::string& answer);

}  // namespace pressroom
