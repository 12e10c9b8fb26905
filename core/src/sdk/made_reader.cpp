#include "pressroom/made_reader.h"

#include "pressroom/most_that_fit.h"

namespace pressroom {

void MadeReaderBase::prepare(const ReadingContext& context) {
  count_tokens_ = context.count_tokens;
  length_tokens_ = length > 0 ? length : context.context_tokens;
  if (length_tokens_ > context.context_tokens) {
    throw Error({"documents are longer than the context", "",
                 "a \"length\" of at most " + std::to_string(context.context_tokens) + " tokens",
                 std::to_string(length_tokens_),
                 "lower it, or leave it out: documents then fill the context"});
  }
  rewind();
}

std::optional<Document> MadeReaderBase::next() {
  PRESSROOM_ASSERT(count_tokens_ != nullptr);
  if (next_ == documents) return std::nullopt;
  return make(next_++);
}

RandomKey MadeReaderBase::document_key(std::string_view task, std::int64_t index) const {
  return RandomKey(static_cast<std::uint64_t>(seed)).with(task).with(index);
}

Document MadeReaderBase::fitted(std::size_t least, std::size_t most, const std::string& records,
                                const std::function<Document(std::size_t count)>& with) const {
  const auto tokens_of = [&](std::size_t count) {
    const Document document = with(count);
    const auto questions = static_cast<std::int64_t>(document.answers.size());
    return count_tokens_(document.text) + kSpareTokens + questions;
  };
  const std::optional<std::size_t> count = most_that_fit(least, most, length_tokens_, tokens_of);
  if (!count) {
    throw Error({"the task does not fit into its length", "",
                 "at least " + std::to_string(tokens_of(least)) + " tokens, for " +
                     std::to_string(least) + ' ' + records + ", the questions and some to spare",
                 std::to_string(length_tokens_) + " tokens",
                 "raise \"length\" or the protocol's context, or ask for less"});
  }
  if (*count == most && least < most) {
    throw Error({"there are not enough different " + records + " to fill the length", "",
                 "more than " + std::to_string(most), std::to_string(length_tokens_) + " tokens",
                 "lower \"length\" or the protocol's context"});
  }
  Document document = with(*count);
  for (Answer& answer : document.answers) {
    const std::string text = document.text.substr(answer.begin, answer.end - answer.begin);
    answer.most_tokens = count_tokens_(text) + kSpareTokens;
  }
  if (document.provenance.empty()) document.provenance = records + ": " + std::to_string(*count);
  document.provenance = "made to fit " + std::to_string(length_tokens_) + " tokens, " +
                        document.provenance +
                        ", questions: " + std::to_string(document.answers.size());
  return document;
}

}  // namespace pressroom
