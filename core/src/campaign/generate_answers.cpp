#include "campaign/generate_answers.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "base/pulse.h"
#include "engine/question_branches.h"
#include "engine/sequence.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// What a sequence held when its prompt had been compressed.
class HeldPrompt {
 public:
  void take(const Sequence& sequence) {
    tokens_ = static_cast<std::int64_t>(sequence.ids().size());
    arrays_.clear();
    for (const StoredArray& array : sequence.stored()) {
      std::vector<char>& bytes = arrays_.emplace_back();
      bytes.reserve(static_cast<std::size_t>(array.bytes()));
      for (const StoredPiece& piece : array.pieces) {
        bytes.insert(bytes.end(), piece.bytes, piece.bytes + piece.size);
      }
    }
  }

  void give(Sequence& sequence) const {
    std::size_t next = 0;
    sequence.restore(tokens_, tokens_, [&](const StoredArray& array) {
      PRESSROOM_ASSERT(next < arrays_.size());
      const std::vector<char>& bytes = arrays_[next++];
      PRESSROOM_ASSERT(static_cast<std::int64_t>(bytes.size()) == array.bytes());
      const char* from = bytes.data();
      for (const StoredPiece& piece : array.pieces) {
        std::memcpy(piece.bytes, from, static_cast<std::size_t>(piece.size));
        from += piece.size;
      }
    });
  }

 private:
  std::int64_t tokens_ = 0;
  std::vector<std::vector<char>> arrays_;
};

std::int64_t likeliest(const float* logits, std::int64_t vocabulary) {
  return std::max_element(logits, logits + vocabulary) - logits;
}

// Room for the document's answer in any case: shorter, and a right answer could not be said.
std::int64_t most_tokens(const Window& window, std::size_t index, const AnswerRule& rule) {
  const std::int64_t asked = window.asked[index].most_tokens;
  const QuestionTokens& question = window.tokens.questions[index];
  return std::max(asked > 0 ? asked : rule.most_tokens, question.end - question.answer);
}

class WindowAnswers {
 public:
  WindowAnswers(const Model& model, const Method& method, const RunSettings& settings,
                const Window& window, const AnswerRule& rule, const RunControl& control)
      : model_(model),
        method_(method),
        settings_(QuestionBranches::settings(settings_for(window.tokens, settings, method))),
        protocol_(settings.protocol),
        window_(window),
        rule_(rule),
        control_(control),
        branches_({window.tokens}, settings.protocol),
        stops_(rule.stop) {
    stops_.insert(stops_.end(), window.stop.begin(), window.stop.end());
  }

  std::vector<GeneratedAnswer> all() {
    std::vector<GeneratedAnswer> answers;
    for (std::size_t i = 0; i < window_.tokens.questions.size(); ++i) answers.push_back(answer(i));
    return answers;
  }

 private:
  GeneratedAnswer answer(std::size_t index) {
    const QuestionTokens& question = window_.tokens.questions[index];
    const bool is_in_turns = protocol_.asked == Asked::kTurns;
    const TokenDocument& branch = branches_.documents()[is_in_turns ? 0 : index];
    const std::int64_t begin = answer_in_branch(window_.tokens, index, protocol_);
    const std::int64_t most = most_tokens(window_, index, rule_);
    Sequence sequence(model_, method_, settings_, branch.id, begin + most);
    sequence.name_spans(branch.spans);
    std::int64_t fed = branch.prompt_tokens;
    if (branch.same_prompt_as_previous) {
      prompt_.give(sequence);
    } else {
      sequence.prefill({branch.ids.begin(), branch.ids.begin() + fed});
      const bool is_shared = !is_in_turns && index + 1 < branches_.documents().size() &&
                             branches_.documents()[index + 1].same_prompt_as_previous;
      if (is_shared) prompt_.take(sequence);
    }
    for (; fed < begin; ++fed) {
      if (control_.stop_requested()) throw Interrupted();
      sequence.feed(branch.ids[static_cast<std::size_t>(fed)]);
      beat();  // tokens of the forced run alone are counted
    }
    return said(sequence, question, most);
  }

  GeneratedAnswer said(Sequence& sequence, const QuestionTokens& question,
                       std::int64_t most) const {
    GeneratedAnswer answer;
    answer.is_cut = true;
    while (static_cast<std::int64_t>(answer.ids.size()) < most) {
      if (control_.stop_requested()) throw Interrupted();
      beat();
      const std::int64_t id = likeliest(sequence.logits(), model_.facts().vocabulary);
      const auto& ends = rule_.end_ids;
      answer.is_cut = std::find(ends.begin(), ends.end(), id) == ends.end();
      if (!answer.is_cut) break;
      answer.ids.push_back(id);
      answer.text = rule_.tokenizer.decode(answer.ids);
      const std::size_t stop = first_stop(answer.text);
      if (stop != std::string::npos) {
        answer.text.resize(stop);
        answer.is_cut = false;
        break;
      }
      // The last token that may be said is not fed: nothing follows it.
      if (static_cast<std::int64_t>(answer.ids.size()) < most) sequence.feed(id);
    }
    const auto begin = window_.tokens.ids.begin();
    const std::vector<std::int64_t> expected(begin + question.answer, begin + question.end);
    answer.is_exact = answer.ids.size() >= expected.size() &&
                      std::equal(expected.begin(), expected.end(), answer.ids.begin());
    return answer;
  }

  std::size_t first_stop(const std::string& text) const {
    std::size_t first = std::string::npos;
    for (const std::string& stop : stops_) first = std::min(first, text.find(stop));
    return first;
  }

  const Model& model_;
  const Method& method_;
  RunSettings settings_;
  const Protocol& protocol_;  // as the campaign has it: `questions`
  const Window& window_;
  const AnswerRule& rule_;
  const RunControl& control_;
  QuestionBranches branches_;
  std::vector<std::string> stops_;
  HeldPrompt prompt_;
};

}  // namespace

void check_answer_room(const std::vector<Window>& windows, const Protocol& protocol,
                       const AnswerRule& rule) {
  for (const Window& window : windows) {
    for (std::size_t i = 0; i < window.tokens.questions.size(); ++i) {
      const std::int64_t before = answer_in_branch(window.tokens, i, protocol);
      const std::int64_t most = most_tokens(window, i, rule);
      if (before + most <= rule.most_positions) continue;
      throw Error(
          {"an answer would go beyond the positions the model was made for", window.tokens.id,
           "question and answer within " + std::to_string(rule.most_positions) + " positions",
           std::to_string(before + most) + ", " + std::to_string(most) + " of them generated",
           "lower answers.most_tokens or the context, or allow it by beyond_positions: true"});
    }
  }
}

std::vector<std::vector<GeneratedAnswer>> generate_answers(const Model& model, const Method& method,
                                                           const RunSettings& settings,
                                                           const std::vector<Window>& windows,
                                                           const AnswerRule& rule,
                                                           const RunControl& control) {
  std::vector<std::vector<GeneratedAnswer>> answers;
  answers.reserve(windows.size());
  for (const Window& window : windows) {
    answers.push_back(WindowAnswers(model, method, settings, window, rule, control).all());
  }
  return answers;
}

}  // namespace pressroom
