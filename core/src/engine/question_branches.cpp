#include "engine/question_branches.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "engine/eviction/eviction.h"
#include "engine/eviction/server_checks.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

template <typename T>
void append_from(std::vector<T>& to, const std::vector<T>& from, std::size_t first) {
  if (from.size() > first) to.insert(to.end(), from.begin() + first, from.end());
}

std::int64_t count_of(const TokenDocument& document) {
  return static_cast<std::int64_t>(document.ids.size());
}

// The first of a document whose questions were checked.
std::int64_t context_tokens(const TokenDocument& document) {
  return document.questions.front().begin;
}

}  // namespace

std::int64_t answer_in_branch(const TokenDocument& document, std::size_t index,
                              const Protocol& protocol) {
  const QuestionTokens& question = document.questions[index];
  if (protocol.asked == Asked::kTurns) return question.answer;
  return context_tokens(document) + question.answer - question.begin;
}

void check_questions(const TokenDocument& document) {
  if (document.questions.empty()) {
    throw Error({"the document asks nothing", document.id,
                 "a context, and questions with their answers behind it", "no questions",
                 "take a dataset that tells them apart, as recall does, or another protocol"});
  }
  std::int64_t end = document.questions.front().begin;
  bool is_whole = end > 0;
  for (const QuestionTokens& question : document.questions) {
    is_whole = is_whole && question.begin == end && question.begin < question.answer &&
               question.answer < question.end;
    end = question.end;
  }
  if (is_whole && end == count_of(document)) return;
  throw Error({"the document's questions cannot be asked one by one", document.id,
               "a context, then questions of at least one token, each with its answer",
               "questions that overlap, are empty, or leave tokens between them",
               "fix the dataset reader"});
}

RunSettings settings_for(const TokenDocument& document, const RunSettings& settings,
                         const Method& method) {
  if (!settings.sparsity || !takes_budget(settings.plan)) return settings;
  check_questions(document);
  RunSettings own = settings;
  const std::int64_t context = context_tokens(document);
  own.sparsity.reset();
  own.budget_tokens = own.protocol.server.in_whole_pages(
      budget_from_sparsity(context, *settings.sparsity), context);
  // The control run holds what is fed behind the context, too.
  if (*settings.sparsity == 0) own.budget_tokens = count_of(document);
  own.plan = checked_plan(method, own.budget_tokens, settings.method);
  const std::string where = document.id + ", a context of " + std::to_string(context) + " tokens";
  check_budget(own.plan, own.budget_tokens, where);
  check_server_budget(own.plan, own.protocol, own.budget_tokens, where);
  return own;
}

QuestionBranches::QuestionBranches(const std::vector<TokenDocument>& documents,
                                   const Protocol& protocol) {
  for (std::size_t i = 0; i < documents.size(); ++i) {
    const TokenDocument& document = documents[i];
    check_questions(document);
    tokens_.push_back(count_of(document));
    const std::int64_t context = context_tokens(document);
    if (protocol.asked == Asked::kTurns) {
      add(document, {i, context, context}, count_of(document), context);
      continue;
    }
    for (std::size_t q = 0; q < document.questions.size(); ++q) {
      const QuestionTokens& question = document.questions[q];
      // A question inside is compressed but for its last token: else the answer's first one would
      // be predicted from a cache that is whole.
      const std::int64_t prompt =
          protocol.query == Query::kInside ? answer_in_branch(document, q, protocol) - 1 : context;
      add(document, {i, context, question.begin}, question.end, prompt);
      // Where entries leave behind the prompt, policies go on from what they saw of it, and there
      // is no copy of a policy.
      branches_.back().same_prompt_as_previous =
          q > 0 && protocol.query == Query::kAfter && protocol.continuation == Continuation::kGrow;
    }
  }
}

void QuestionBranches::add(const TokenDocument& document, const Place& place, std::int64_t end,
                           std::int64_t prompt_tokens) {
  TokenDocument branch;
  branch.id = document.id;
  const auto ids = document.ids.begin();
  branch.ids.assign(ids, ids + place.context);
  branch.ids.insert(branch.ids.end(), ids + place.question, ids + end);
  branch.prompt_tokens = prompt_tokens;
  const std::int64_t shift = place.question - place.context;
  for (const std::int64_t target : document.wanted_logits) {
    if (target >= place.question && target < end) branch.wanted_logits.push_back(target - shift);
  }
  for (SpanTokens span : document.spans) {
    const bool in_question = span.begin >= place.question && span.end <= end;
    if (!in_question && span.end > place.context) continue;  // of another question
    if (in_question) {
      span.begin -= shift;
      span.end -= shift;
    }
    branch.spans.push_back(std::move(span));
  }
  branches_.push_back(std::move(branch));
  places_.push_back(place);
}

RunSettings QuestionBranches::settings(RunSettings settings) {
  settings.protocol.kind = ProtocolKind::kPrefill;  // the prompt is each document's own
  return settings;
}

std::vector<DocumentRun> QuestionBranches::joined(std::vector<DocumentRun> runs) const {
  std::vector<DocumentRun> documents(tokens_.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    join(documents[places_[i].document], std::move(runs[i]), i);
  }
  std::vector<std::int64_t> questions(documents.size(), 0);
  for (const Place& place : places_) ++questions[place.document];
  for (std::size_t i = 0; i < documents.size(); ++i) {
    DocumentRun& document = documents[i];
    for (const auto& layer : document.evictions) {
      auto& kept = document.kept.emplace_back();
      for (const EvictionLog& head : layer) kept.push_back(head.kept());
    }
    for (auto& layer : document.context_kept) {
      for (std::int64_t& sum : layer) sum = (sum + questions[i] / 2) / questions[i];
    }
  }
  return documents;
}

void QuestionBranches::join(DocumentRun& document, DocumentRun run, std::size_t branch) const {
  const Place& place = places_[branch];
  for (const std::int64_t target : run.targets) document.targets.push_back(place.of(target));
  append_from(document.nll_nats, run.nll_nats, 0);
  append_from(document.is_top1, run.is_top1, 0);
  append_from(document.distributions, run.distributions, 0);
  append_from(document.wanted_logits, run.wanted_logits, 0);
  const std::size_t first_step = branches_[branch].same_prompt_as_previous ? 1 : 0;
  append_from(document.tokens_per_step, run.tokens_per_step, first_step);
  append_from(document.entries_per_step, run.entries_per_step, first_step);
  append_from(document.step_seconds, run.step_seconds, first_step);
  document.peak_entries_per_head =
      std::max(document.peak_entries_per_head, run.peak_entries_per_head);
  document.context_tokens = place.context;
  document.bytes_per_entry = run.bytes_per_entry;
  document.last_logits = std::move(run.last_logits);
  const bool is_first = document.evictions.empty();
  document.is_one_cache = is_first || (document.is_one_cache && first_step == 1);
  join_evictions(document, run, place);
  if (run.hidden.defined()) join_hidden(document, run, place);
}

void QuestionBranches::join_evictions(DocumentRun& document, const DocumentRun& run,
                                      const Place& place) const {
  const bool is_first = document.evictions.empty();
  if (is_first) {
    document.evictions.assign(run.evictions.size(), {});
    document.context_kept.assign(run.evictions.size(),
                                 std::vector<std::int64_t>(run.evictions.front().size(), 0));
    for (auto& layer : document.evictions) {
      layer.assign(run.evictions.front().size(), EvictionLog(tokens_[place.document]));
    }
  }
  for (std::size_t layer = 0; layer < run.evictions.size(); ++layer) {
    for (std::size_t head = 0; head < run.evictions[layer].size(); ++head) {
      const EvictionLog& from = run.evictions[layer][head];
      EvictionLog& to = document.evictions[layer][head];
      const auto context = from.evicted_after.begin();
      document.context_kept[layer][head] +=
          std::count(context, context + place.context, kNeverLeaves);
      for (std::size_t token = 0; token < from.evicted_after.size(); ++token) {
        const auto at = static_cast<std::size_t>(place.of(static_cast<std::int64_t>(token)));
        const std::int32_t last = from.evicted_after[token];
        const std::int32_t seen =
            last == kNeverLeaves ? last : static_cast<std::int32_t>(place.of(last));
        const bool is_shared = static_cast<std::int64_t>(token) < place.context;
        if (is_shared && !is_first && to.evicted_after[at] >= seen) continue;
        to.evicted_after[at] = seen;
        to.score[at] = from.score[token];
      }
    }
  }
}

void QuestionBranches::join_hidden(DocumentRun& document, const DocumentRun& run,
                                   const Place& place) const {
  const std::int64_t width = run.hidden.size(1);
  if (!document.hidden.defined()) {
    document.hidden = at::empty({tokens_[place.document], width}, run.hidden.options());
    document.hidden.narrow(0, 0, place.context).copy_(run.hidden.narrow(0, 0, place.context));
  }
  const std::int64_t behind = run.hidden.size(0) - place.context;
  document.hidden.narrow(0, place.question, behind)
      .copy_(run.hidden.narrow(0, place.context, behind));
}

std::vector<std::int64_t> targets_of(const Protocol& protocol, const TokenDocument& document) {
  if (protocol.kind != ProtocolKind::kQuestions) {
    return targets_of(protocol, count_of(document));
  }
  check_questions(document);
  std::vector<std::int64_t> targets;
  for (const QuestionTokens& question : document.questions) {
    // In turns only the first question follows the compression at once: its first token is
    // predicted before it.
    const bool is_first = &question == &document.questions.front();
    std::int64_t first = question.begin + 1;
    if (protocol.query == Query::kInside) first = question.answer;
    if (protocol.asked == Asked::kTurns && !is_first) first = question.begin;
    for (std::int64_t target = first; target < question.end; ++target) targets.push_back(target);
  }
  return targets;
}

}  // namespace pressroom
