#include <algorithm>

#include "base/number_text.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "report/html/evidence_picture.h"
#include "report/html/html_text.h"
#include "report/html/shown_answers.h"
#include "report/html/text_difference.h"

namespace pressroom {
namespace {

constexpr std::size_t kMostEvidenceCells = 20000;  // numbers in pictures of evidence
constexpr std::size_t kMostQuestionBytes = 400;    // the end of a question is shown
constexpr std::size_t kMostAnswerBytes = 1200;

// The last bytes of a text, at most so many, beginning with a whole character.
std::string last_part(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t begin = text.size() - most;
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xc0) == 0x80) ++begin;
  return "... " + text.substr(begin);
}

std::string first_part(const std::string& text, std::size_t most) {
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + " ...";
}

std::string without_ends(const std::string& text) {
  const std::size_t begin = leading_white_space(text);
  return text.substr(begin, text.size() - begin - trailing_white_space(text.substr(begin)));
}

std::string text_said(const ShownAnswer& answer) {
  const std::string text = first_part(without_ends(answer.answer.text.text), kMostAnswerBytes);
  return answer.answer.text.is_cut ? text + " ..." : text;
}

// "right", with what was generated, differences from the first method's marked.
std::string answer_cell(const ShownAnswer& answer, const ShownAnswer& first) {
  std::string markup =
      "<td class=\"l\"><b>" + std::string(answer.is_right ? "right" : "wrong") + "</b>";
  for (const auto& [name, score] : answer.scores) {
    markup += " " + element("small", name + " " + significant(score, 3));
  }
  if (answer.answer.text.is_generated) {
    const bool is_compared = &answer != &first && first.answer.text.is_generated;
    const std::string text = text_said(answer);
    markup += "<br>" + (text.empty()  ? element("small", "nothing")
                        : is_compared ? marked_difference(text, text_said(first))
                                      : html_escaped(text));
  }
  return markup + "</td>";
}

std::string evidence_cell(const ShownAnswer& answer) {
  if (answer.answer.held.entries == 0) return "<td></td>";
  const double share = answer.answer.held.share();
  const char* word = share <= 0 ? "had left" : share < 1 ? "had left in part" : "was there";
  return "<td>" + fixed(100 * share, share > 0 && share < 0.01 ? 1 : 0) + " %" +
         (answer.is_right ? "" : "<br>" + element("small", word)) + "</td>";
}

class AnswersMarkup {
 public:
  explicit AnswersMarkup(const ReportContent& content) : content_(content) {}

  std::string setting(const AnswerSetting& setting, bool is_first) {
    std::string shown = counted(static_cast<std::int64_t>(setting.asked), "question", "questions");
    if (setting.questions.size() < setting.asked) {
      shown += ", the " + std::to_string(setting.questions.size()) + " that most methods lost; " +
               std::to_string(setting.asked - setting.questions.size()) + " more are not shown";
    }
    std::string markup = std::string("<details") + (is_first ? " open" : "") + ">" +
                         element("summary", setting.name + ": " + shown);
    for (const ShownQuestion& one : setting.questions) markup += question(one);
    return markup + "</details>\n";
  }

  std::size_t left_out() const { return left_out_; }

 private:
  std::string question(const ShownQuestion& question) {
    const ShownAnswer& first = question.answers.front();
    const AnswerText& text = first.answer.text;
    std::string wrong;
    std::string rows;
    std::string pictures;
    for (const ShownAnswer& answer : question.answers) {
      rows += "<tr" + std::string(answer.is_right ? "" : " class=\"wrong\"") + ">" +
              element("th", label_of(answer), "scope=\"row\" class=\"l\"") +
              answer_cell(answer, first) + evidence_cell(answer) + "</tr>";
      if (answer.is_right) continue;
      wrong += (wrong.empty() ? "" : " ") + std::to_string(number_of(answer.row->group.method));
      pictures += picture(answer);
    }
    return "<div class=\"qa\" data-wrong=\"" + wrong + "\"><p class=\"ask\">" +
           element("small", question.document + ", question " + text.id) + "<br>" +
           html_escaped(last_part(without_ends(text.question), kMostQuestionBytes)) +
           "<br>expected: " + element("b", without_ends(text.expected)) +
           "</p><table><thead><tr><th scope=\"col\" class=\"l\">method</th><th scope=\"col\" "
           "class=\"l\">answer</th><th scope=\"col\">evidence held</th></tr></thead><tbody>" +
           rows + "</tbody></table>" + pictures + "</div>";
  }

  // The baseline has all there is: its amount tells nothing.
  std::string label_of(const ShownAnswer& answer) const {
    const bool is_baseline = answer.row->group.method == content_.report.baseline;
    return is_baseline && answer.row->group.sparsity == 0 ? answer.row->group.method
                                                          : answer.row->label();
  }

  // Of a wrong answer whose evidence had left, at least in part.
  std::string picture(const ShownAnswer& answer) {
    const HeldEntries& held = answer.answer.held;
    if (held.entries == 0 || held.share() >= 1) return "";
    const std::size_t size = heads_of(held);
    if (cells_ + size > kMostEvidenceCells) {
      ++left_out_;
      return "";
    }
    cells_ += size;
    return evidence_picture(answer, content_.campaign.directory);
  }

  std::size_t number_of(const std::string& method) const {
    const auto found = std::find(content_.methods.begin(), content_.methods.end(), method);
    return static_cast<std::size_t>(found - content_.methods.begin());
  }

  const ReportContent& content_;
  std::size_t cells_ = 0;
  std::size_t left_out_ = 0;
};

std::string answers_filter(const ReportContent& content) {
  std::string markup =
      "<div class=\"tools\"><label>show <select id=\"answers-filter\"><option value=\"\">all "
      "questions</option><option value=\"any\">wrong with any method</option>";
  for (std::size_t i = 0; i < content.methods.size(); ++i) {
    markup += element("option", "wrong with " + content.methods[i],
                      "value=\"" + std::to_string(i) + "\"");
  }
  return markup + "</select></label><output id=\"answers-shown\"></output></div>";
}

}  // namespace

std::string answers_section(const ReportContent& content) {
  const ShownAnswers shown = shown_answers(content);
  if (shown.settings.empty() && shown.notes.empty()) return "";
  AnswersMarkup markup(content);
  std::string settings;
  for (const AnswerSetting& setting : shown.settings) {
    settings += markup.setting(setting, settings.empty());
  }
  std::string notes;
  for (const std::string& note : shown.notes) notes += element("li", note);
  if (markup.left_out() > 0) {
    notes += element("li", std::to_string(markup.left_out()) +
                               " pictures of evidence left out to keep the page small.");
  }
  return "<section id=\"answers\" aria-labelledby=\"answers-h\"><h2 id=\"answers-h\">Answers</h2>"
         "<p class=\"notes\">What each method answered, at its highest sparsity and the largest "
         "context, beside the baseline. Right is what greedy decoding gives to the letter, or a "
         "metric that judges answers gives 1. Where text was generated, what differs from the "
         "baseline's is underlined; where answers were only forced, what would have been said "
         "instead "
         "is not known. Evidence held: the share of its entries, over layers and KV heads, that "
         "the caches had when the answer was asked for.</p>" +
         answers_filter(content) + settings +
         (notes.empty() ? "" : "<ul class=\"notes\">" + notes + "</ul>") + "</section>\n";
}

}  // namespace pressroom
