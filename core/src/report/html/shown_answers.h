// The answers of a campaign's tasks, chosen for the page: a question with what each method
// answered, the baseline first, each method at its highest sparsity. Those that a method lost come
// first.
//
//   const ShownAnswers shown = shown_answers(content);
//   shown.settings[0].questions[0].answers[1].is_right
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "report/html/page.h"
#include "results/answers.h"

namespace pressroom {

constexpr std::size_t kMostQuestions = 25;  // of each dataset

// What one method answered.
struct ShownAnswer {
  const FigureRow* row = nullptr;
  StoredAnswer answer;
  // Greedy decoding gives it, or a metric that judges each answer (higher is better, of unit 1)
  // gives it 1.
  bool is_right = false;
  std::vector<std::pair<std::string, double>> scores;  // of such metrics but exact_match
  std::filesystem::path trace;                         // of its document; "" where there is none
};

struct ShownQuestion {
  std::string document;
  std::vector<ShownAnswer> answers;  // of the same question; the baseline's first

  // How many methods but the first got it wrong.
  std::size_t wrong() const;
};

// A dataset at its largest context.
struct AnswerSetting {
  std::string name;  // "recall, context 512"
  std::vector<ShownQuestion> questions;
  std::size_t asked = 0;  // questions that there are, shown or not
};

struct ShownAnswers {
  std::vector<AnswerSetting> settings;
  std::vector<std::string> notes;  // what could not be read, and why
};

// Of the lowest seed whose answers are there. Reads the files of answers beside the cells of the
// chosen rows; one that cannot be read is a note.
ShownAnswers shown_answers(const ReportContent& content);

}  // namespace pressroom
