#include "report/html/shown_answers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "pressroom/error.h"
#include "report/html/highest_rows.h"
#include "results/metric_names.h"
#include "results/stored_answers.h"

namespace pressroom {
namespace {

// The answers of one cell that stands for its row.
struct RowAnswers {
  const FigureRow* row = nullptr;
  const CellResult* cell = nullptr;
  std::filesystem::path file;  // of the cell
  std::vector<DocumentAnswers> documents;
};

// Metrics that judge each answer of the cell.
std::vector<const MetricValue*> judges_of(const CellResult& cell) {
  std::vector<const MetricValue*> judges;
  for (const MetricValue& metric : cell.metrics) {
    const bool judges_each = !metric.answers.empty() && metric.unit == "1" &&
                             metric.direction == Direction::kHigherIsBetter;
    if (judges_each && metric.name != metric_names::kExactMatch) judges.push_back(&metric);
  }
  return judges;
}

class AnswerChoice {
 public:
  explicit AnswerChoice(const ReportContent& content) : content_(content) {}

  ShownAnswers chosen() {
    for (const std::string& dataset : datasets_of(content_.rows)) add_dataset(dataset);
    return std::move(shown_);
  }

 private:
  void add_dataset(const std::string& dataset) {
    const auto has_answers = [this](const CellResult& cell) {
      return std::filesystem::exists(answers_file(content_.campaign.cell_file(cell.cell)));
    };
    const std::vector<const FigureRow*> methods = highest_rows(content_, dataset, has_answers);
    if (methods.empty()) return;
    std::vector<const FigureRow*> rows;
    for (const FigureRow& row : content_.rows) {
      const bool is_baseline = row.group.method == content_.report.baseline;
      if (is_baseline && row.group.place() == methods.front()->group.place()) rows.push_back(&row);
    }
    rows.insert(rows.end(), methods.begin(), methods.end());
    std::vector<RowAnswers> read;
    for (const FigureRow* row : rows) {
      if (std::optional<RowAnswers> answers = read_row(*row)) read.push_back(std::move(*answers));
    }
    if (!read.empty()) add_setting(read);
  }

  // Of the first cell, by seed, whose answers are there.
  std::optional<RowAnswers> read_row(const FigureRow& row) {
    for (const CellResult* cell : row.group.cells) {
      try {
        const std::filesystem::path file = content_.campaign.cell_file(cell->cell);
        auto documents = read_answers(file, cell->content_key);
        if (!documents || documents->size() != cell->documents.size()) continue;
        return RowAnswers{&row, cell, file, std::move(*documents)};
      } catch (const Error& error) {
        shown_.notes.push_back(error.problems().front().text());
      }
    }
    return std::nullopt;
  }

  void add_setting(const std::vector<RowAnswers>& rows) {
    AnswerSetting setting = {rows.front().row->group.place(), {}, 0};
    for (const DocumentAnswers& document : rows.front().documents) {
      for (std::size_t i = 0; i < document.answers.size(); ++i) {
        setting.questions.push_back(question(rows, document.id, i));
      }
    }
    setting.asked = setting.questions.size();
    if (setting.asked == 0) return;
    // What most methods lost, then what the baseline cannot answer either.
    const auto weight = [](const ShownQuestion& question) {
      const bool is_known = question.answers.front().is_right;
      return std::make_pair(is_known ? question.wrong() : 0, question.wrong());
    };
    std::stable_sort(
        setting.questions.begin(), setting.questions.end(),
        [&](const ShownQuestion& a, const ShownQuestion& b) { return weight(a) > weight(b); });
    setting.questions.resize(std::min(setting.asked, kMostQuestions));
    shown_.settings.push_back(std::move(setting));
  }

  static ShownQuestion question(const std::vector<RowAnswers>& rows, const std::string& document,
                                std::size_t index) {
    ShownQuestion question = {document, {}};
    for (const RowAnswers& row : rows) {
      for (std::size_t d = 0; d < row.documents.size(); ++d) {
        if (row.documents[d].id != document || index >= row.documents[d].answers.size()) continue;
        question.answers.push_back(answer(row, d, index));
        break;
      }
    }
    return question;
  }

  static ShownAnswer answer(const RowAnswers& row, std::size_t document, std::size_t index) {
    ShownAnswer shown;
    shown.row = row.row;
    shown.answer = row.documents[document].answers[index];
    shown.is_right = shown.answer.text.is_exact;
    for (const MetricValue* judge : judges_of(*row.cell)) {
      if (document >= judge->answers.size() || index >= judge->answers[document].size()) continue;
      shown.scores.emplace_back(judge->name, judge->answers[document][index]);
      shown.is_right = shown.is_right || shown.scores.back().second >= 1;
    }
    std::filesystem::path trace = row.file;
    trace.replace_extension("." + std::to_string(document) + ".trace");
    if (std::filesystem::exists(trace)) shown.trace = trace;
    return shown;
  }

  const ReportContent& content_;
  ShownAnswers shown_;
};

}  // namespace

std::size_t ShownQuestion::wrong() const {
  return static_cast<std::size_t>(
      std::count_if(answers.begin() + 1, answers.end(),
                    [](const ShownAnswer& answer) { return !answer.is_right; }));
}

ShownAnswers shown_answers(const ReportContent& content) { return AnswerChoice(content).chosen(); }

}  // namespace pressroom
