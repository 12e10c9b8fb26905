// Answers as a model says them: each question of a window is fed over the compressed cache of its
// context, and what follows is decoded greedily (protocol `questions`).
//
//   const auto answers = generate_answers(model, method, settings, windows, rule, control);
//   answers[0][3].text;       // what was said to the fourth question of the first window
//
// Of equal logits the lowest id is taken. In turns the answers between the questions are those of
// the document, whatever was generated: methods are compared on the same questions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/window.h"
#include "engine/run.h"
#include "model/model.h"
#include "pressroom/method.h"
#include "tokenizer/tokenizer.h"

namespace pressroom {

// When an answer ends. Tokens of end_ids are no part of it.
struct AnswerRule {
  const Tokenizer& tokenizer;         // borrowed
  std::vector<std::int64_t> end_ids;  // tokens that end a text, of the model
  std::vector<std::string> stop;      // beside those of the window
  std::int64_t most_tokens = 64;      // where the window does not say
  std::int64_t most_positions = 0;    // of a sequence, the model's
};

struct GeneratedAnswer {
  std::vector<std::int64_t> ids;
  std::string text;       // of these, before the first stop string
  bool is_cut = false;    // ended by the limit of tokens
  bool is_exact = false;  // begins with the tokens of the document's answer
};

// Throws Error, naming the window, where a question and its answer would use more than
// rule.most_positions positions. Before anything is run.
void check_answer_room(const std::vector<Window>& windows, const Protocol& protocol,
                       const AnswerRule& rule);

// For each window, for each of its questions. `settings` are those of the cell, its plan made. An
// answer has at least as many tokens as the document's. Throws Error where the method does
// something impossible, Interrupted on request.
std::vector<std::vector<GeneratedAnswer>> generate_answers(const Model& model, const Method& method,
                                                           const RunSettings& settings,
                                                           const std::vector<Window>& windows,
                                                           const AnswerRule& rule,
                                                           const RunControl& control);

}  // namespace pressroom
