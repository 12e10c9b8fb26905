// Documents whose questions are asked of one compressed context (protocol `questions`), as
// documents under `prefill`, which engines run:
//
//   asked independently, query after    one for each question: the context, question and answer.
//   The                                     prompt is the context, the same for all of them.
//   asked independently, query inside   the same; the prompt is the context and all of the question
//                                       but its last token, which predicts the answer
//   asked in turns                      one for the document: the context is the prompt, questions
//                                       and answers follow in order
//
//   const QuestionBranches branches(documents, protocol);
//   std::vector<DocumentRun> runs = run(..., branches.settings(settings), branches.documents(),
//   ...); return branches.joined(std::move(runs));   // one for each of `documents`
//
// So each question has evictions, sizes and invariants of its own, and that its context is fed once
// for all is nothing but a saving (TokenDocument::same_prompt_as_previous).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/run.h"

namespace pressroom {

class QuestionBranches {
 public:
  // Throws Error for a document without questions, and for one whose questions do not follow each
  // other from the end of a context to the end of the document, each with a token of its own and an
  // answer.
  QuestionBranches(const std::vector<TokenDocument>& documents, const Protocol& protocol);

  // All questions of all documents, in order.
  const std::vector<TokenDocument>& documents() const { return branches_; }

  // `settings` for these.
  static RunSettings settings(RunSettings settings);

  // From the runs of documents() one run for each original document, whose tokens are told by their
  // place in it: targets and scores of all questions; sizes step by step, a context that was not
  // fed again left out. What is held is the union: an entry of the context has left when it has
  // left for every question, after the last that saw it.
  std::vector<DocumentRun> joined(std::vector<DocumentRun> runs) const;

 private:
  // Where the tokens of a branch stand in their document: the first of them at the same place, the
  // others from `question` on.
  struct Place {
    std::size_t document = 0;
    std::int64_t context = 0;   // tokens
    std::int64_t question = 0;  // the first token behind the context

    std::int64_t of(std::int64_t token) const {
      return token < context ? token : question + token - context;
    }
  };

  void add(const TokenDocument& document, const Place& place, std::int64_t end,
           std::int64_t prompt_tokens);
  void join(DocumentRun& document, DocumentRun run, std::size_t branch) const;
  void join_evictions(DocumentRun& document, const DocumentRun& run, const Place& place) const;
  void join_hidden(DocumentRun& document, const DocumentRun& run, const Place& place) const;

  std::vector<TokenDocument> branches_;
  std::vector<Place> places_;         // of each branch
  std::vector<std::int64_t> tokens_;  // of each document
};

// `settings` for the questions of `document` alone: its own budget where these give a sparsity, and
// the method's plan for it. Throws Error where that budget does not hold what the method protects.
RunSettings settings_for(const TokenDocument& document, const RunSettings& settings,
                         const Method& method);

// Where the answer of question `index` begins in the document of QuestionBranches that asks it; in
// turns that is the original.
std::int64_t answer_in_branch(const TokenDocument& document, std::size_t index,
                              const Protocol& protocol);

// Throws Error as QuestionBranches does.
void check_questions(const TokenDocument& document);

// The tokens of `document` that are scored under `protocol`, ascending.
std::vector<std::int64_t> targets_of(const Protocol& protocol, const TokenDocument& document);

}  // namespace pressroom
