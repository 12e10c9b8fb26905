#include "campaign/task_window.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_text.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using Ids = std::vector<std::int64_t>;

// A stretch of text that became tokens by itself.
struct Piece {
  std::size_t begin = 0;  // of its text, in bytes of the document
  std::size_t end = 0;
  std::int64_t first = 0;  // of its tokens, in the document
  Ids ids;
  std::vector<std::size_t> ends = {};  // of each token, in bytes of all of them
};

std::string_view text_of(const Document& document, std::size_t begin, std::size_t end) {
  return std::string_view(document.text).substr(begin, end - begin);
}

[[noreturn]] void refuse_answer(const Document& document, const std::string& expected,
                                const Answer& answer) {
  throw Error({"an answer is not a part of its document that can be scored", document.id, expected,
               std::to_string(answer.begin) + " .. " + std::to_string(answer.end) + " of " +
                   std::to_string(document.text.size()),
               "fix the dataset reader"});
}

std::vector<std::size_t> ends_of(const Ids& ids, const Tokenizer& tokenizer) {
  std::vector<std::size_t> ends;
  ends.reserve(ids.size());
  std::size_t bytes = 0;
  for (const std::int64_t id : ids) ends.push_back(bytes += tokenizer.token_bytes(id).size());
  return ends;
}

// The tokens of `piece` that have a byte of [begin, end). Tokens may spell more than the text, but
// only in front of it: a space that the tokenizer puts there.
TokenRange tokens_in(const Piece& piece, std::size_t begin, std::size_t end) {
  const std::vector<std::size_t>& ends = piece.ends;
  const std::size_t bytes = ends.empty() ? 0 : ends.back();
  const std::size_t spelled = piece.end - piece.begin;
  if (bytes < spelled || bytes > spelled + 1) return {};  // it wrote the text in another way
  const std::size_t shift = bytes - spelled - piece.begin;
  const auto first = std::upper_bound(ends.begin(), ends.end(), begin + shift);
  const auto last = std::lower_bound(ends.begin(), ends.end(), end + shift);
  return {piece.first + (first - ends.begin()), piece.first + (last - ends.begin()) + 1};
}

// The document's text as one piece.
std::vector<Piece> whole_text(const Document& document, const Tokenizer& tokenizer) {
  return {{0, document.text.size(), 0,
           document.ids.empty() ? tokenizer.encode(document.text, Special::kNone) : document.ids}};
}

// Where the text of question `index` begins; in turns nothing between it and the answer before is
// left out.
std::size_t question_begin(const Document& document, std::size_t index, Asked asked) {
  const std::size_t before = index == 0 ? document.context_end : document.answers[index - 1].end;
  const bool is_said = asked == Asked::kIndependent && document.answers[index].question > 0;
  return is_said ? std::max(before, document.answers[index].question) : before;
}

// Its context, then each question with its answer.
std::vector<Piece> parts_of(const Document& document, Asked asked, const Tokenizer& tokenizer) {
  if (document.context_end == 0 || document.context_end > document.answers.front().begin) {
    throw Error({"the document's questions cannot be asked one by one", document.id,
                 "a context that ends before the first answer",
                 document.context_end == 0
                     ? "no context that is told from its questions"
                     : "a context of " + std::to_string(document.context_end) + " bytes",
                 "take a dataset that tells them apart, or another protocol"});
  }
  const std::string_view context = text_of(document, 0, document.context_end);
  std::vector<Piece> pieces = {
      {0, document.context_end, 0, tokenizer.encode(context, Special::kNone)}};
  const Ids context_ids = pieces.front().ids;
  for (std::size_t i = 0; i < document.answers.size(); ++i) {
    const Answer& answer = document.answers[i];
    if (answer.end > document.text.size()) {
      refuse_answer(document, "bytes within the text, behind its first token", answer);
    }
    Piece piece;
    piece.begin = question_begin(document, i, asked);
    piece.end = answer.end;
    piece.first = pieces.back().first + static_cast<std::int64_t>(pieces.back().ids.size());
    if (answer.begin <= piece.begin || answer.end <= answer.begin) {
      refuse_answer(document,
                    "a question of at least a byte, and an answer, behind what comes before",
                    answer);
    }
    const std::string_view text = text_of(document, piece.begin, piece.end);
    const Ids together = tokenizer.encode(std::string(context) + std::string(text), Special::kNone);
    const bool follows = together.size() > context_ids.size() &&
                         std::equal(context_ids.begin(), context_ids.end(), together.begin());
    piece.ids = follows ? Ids(together.begin() + static_cast<std::ptrdiff_t>(context_ids.size()),
                              together.end())
                        : tokenizer.encode(text, Special::kNone);
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

std::string without_edges(std::string_view text) {
  constexpr const char* kSpace = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

AskedAnswer asked_of(const Document& document, std::size_t index, std::size_t question_begin) {
  const Answer& answer = document.answers[index];
  AskedAnswer asked;
  asked.id = answer.id.empty() ? std::to_string(index) : answer.id;
  asked.question = text_of(document, question_begin, answer.begin);
  asked.expected = text_of(document, answer.begin, answer.end);
  asked.references = answer.references;
  if (asked.references.empty()) asked.references = {without_edges(asked.expected)};
  asked.options = answer.options;
  asked.most_tokens = answer.most_tokens;
  return asked;
}

// All that results depend on beside the tokens. "" for a document that says no more than where its
// answers stand.
std::string task_sha256(const Document& document) {
  nlohmann::ordered_json task = nlohmann::ordered_json::array();
  for (const Answer& answer : document.answers) {
    if (answer.references.empty() && answer.options.empty() && answer.id.empty() &&
        answer.most_tokens == 0 && answer.question == 0) {
      continue;
    }
    task.push_back(
        {answer.id, answer.references, answer.options, answer.most_tokens, answer.question});
  }
  for (const Span& span : document.spans) {
    task.push_back({span.name, span.begin, span.end, span.answer});
  }
  if (!document.stop.empty()) task.push_back(document.stop);
  return task.empty() ? "" : sha256_hex(json_line(task));
}

class TaskWindow {
 public:
  TaskWindow(const Document& document, const Protocol& protocol, const Tokenizer& tokenizer)
      : document_(document),
        tokenizer_(tokenizer),
        by_questions_(protocol.kind == ProtocolKind::kQuestions),
        pieces_(by_questions_ ? parts_of(document, protocol.asked, tokenizer)
                              : whole_text(document, tokenizer)) {
    // Counted once for all answers and spans, of which there may be thousands.
    for (Piece& piece : pieces_) piece.ends = ends_of(piece.ids, tokenizer);
  }

  Window make() {
    Window window;
    window.tokens.id = document_.id + "@0";
    for (const Piece& piece : pieces_) {
      Ids& ids = window.tokens.ids;
      ids.insert(ids.end(), piece.ids.begin(), piece.ids.end());
    }
    window.ids_sha256 = token_ids_sha256(window.tokens.ids);
    window.provenance = document_.provenance;
    window.stop = document_.stop;
    window.task_sha256 = task_sha256(document_);
    std::set<std::string> ids;
    for (std::size_t i = 0; i < document_.answers.size(); ++i) {
      add_answer(i, window);
      if (ids.insert(window.asked.back().id).second) continue;
      throw Error({"two questions of a document have one id", document_.id, "ids that are unique",
                   window.asked.back().id, "fix the dataset: methods are paired by them"});
    }
    for (const Span& span : document_.spans) add_span(span, window);
    count_scored_text(tokenizer_, window);
    return window;
  }

 private:
  // The piece that the byte at `begin` lies in.
  const Piece& piece_at(std::size_t begin) const {
    for (const Piece& piece : pieces_) {
      if (begin < piece.end) return piece;
    }
    return pieces_.back();
  }

  void add_answer(std::size_t index, Window& window) {
    const Answer& answer = document_.answers[index];
    const bool is_inside = answer.begin < answer.end && answer.end <= document_.text.size();
    if (!is_inside)
      refuse_answer(document_, "bytes within the text, behind its first token", answer);
    const Piece& piece = by_questions_ ? pieces_[index + 1] : pieces_.front();
    const TokenRange range = tokens_in(piece, answer.begin, answer.end);
    check_spelling(answer, piece, range);
    if (range.begin <= piece.first || range.end <= range.begin) {
      refuse_answer(document_, "bytes within the text, behind its first token", answer);
    }
    window.answers.push_back(range);
    // In words a question is what is asked, whatever is fed between it and the answer before.
    const bool is_told = document_.context_end > 0;
    const std::size_t begins = question_begin(document_, index, Asked::kIndependent);
    window.asked.push_back(
        asked_of(document_, index, is_told ? std::min(begins, answer.begin) : answer.begin));
    if (by_questions_) {
      const auto end = piece.first + static_cast<std::int64_t>(piece.ids.size());
      window.tokens.questions.push_back({piece.first, range.begin, end});
    }
  }

  // An answer whose characters the vocabulary lacks, or that a tokenizer writes in another way, is
  // a token that stands for other answers as well, or one of a neighbour's.
  void check_spelling(const Answer& answer, const Piece& piece, const TokenRange& range) const {
    std::string spelled;
    for (std::int64_t token = range.begin; token < range.end; ++token) {
      spelled += tokenizer_.token_bytes(piece.ids[static_cast<std::size_t>(token - piece.first)]);
    }
    const std::string expected = without_edges(text_of(document_, answer.begin, answer.end));
    if (spelled.find(expected) != std::string::npos) return;
    throw Error({"the model's tokenizer does not spell an answer as the document does",
                 document_.id, '"' + escaped(expected) + '"', '"' + escaped(spelled) + '"',
                 "take a model whose vocabulary has its characters, or other texts"});
  }

  void add_span(const Span& span, Window& window) {
    const bool is_inside = span.begin < span.end && span.end <= document_.text.size();
    const auto answers = static_cast<std::int64_t>(document_.answers.size());
    if (!is_inside || span.answer < -1 || span.answer >= answers) {
      throw Error({"a span is not a part of its document", document_.id,
                   "bytes within the text, and the number of an answer or -1",
                   '"' + span.name + "\", " + std::to_string(span.begin) + " .. " +
                       std::to_string(span.end) + ", answer " + std::to_string(span.answer),
                   "fix the dataset reader"});
    }
    const Piece& first = piece_at(span.begin);
    const Piece& last = piece_at(span.end - 1);
    // Text between a question and the answer before it may be left out, as that behind the last
    // answer is, and a span with it.
    const std::size_t begin = std::max(span.begin, first.begin);
    const std::size_t end = std::min(span.end, last.end);
    if (begin >= end) return;
    const TokenRange begins = tokens_in(first, begin, std::min(end, first.end));
    const TokenRange ends = tokens_in(last, std::max(span.begin, last.begin), end);
    // Where the tokenizer rewrites the text nobody knows which tokens these are: it has none, which
    // methods and metrics that ask for it say.
    if (begins.end <= begins.begin || ends.end <= ends.begin) return;
    window.tokens.spans.push_back({span.name, begins.begin, ends.end, span.answer});
  }

  const Document& document_;
  const Tokenizer& tokenizer_;
  bool by_questions_;
  std::vector<Piece> pieces_;
};

}  // namespace

Window task_window(const Document& document, std::int64_t context_tokens, const Protocol& protocol,
                   const Tokenizer& tokenizer) {
  Window window = TaskWindow(document, protocol, tokenizer).make();
  const auto tokens = static_cast<std::int64_t>(window.tokens.ids.size());
  if (tokens <= context_tokens) return window;
  throw Error({"a document of a task does not fit into the context", document.id,
               "at most " + std::to_string(context_tokens) + " tokens",
               std::to_string(tokens) + " tokens",
               "raise protocol.context, or ask the reader for shorter documents"});
}

}  // namespace pressroom
