#include "train/starter/evaluate.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::size_t kTogether = 4096;  // tokens of a forward pass

// The last `length` bytes before `end` as one number.
std::uint64_t context_key(std::string_view text, std::size_t end, std::size_t length) {
  std::uint64_t key = 0;
  for (std::size_t i = end - length; i < end; ++i) {
    key = key << 8 | static_cast<unsigned char>(text[i]);
  }
  return key;
}

// The share of all samples' answers whose every token is the most likely one. Samples have one
// length.
template <typename Sample>
double share_answered(const LlamaNet& net, const std::vector<Sample>& samples) {
  const c10::NoGradGuard no_gradient;
  PRESSROOM_ASSERT(!samples.empty());
  const std::size_t length = samples.front().ids.size();
  const std::size_t together = std::max<std::size_t>(1, kTogether / length);
  std::int64_t right = 0, asked = 0;
  for (std::size_t from = 0; from < samples.size(); from += together) {
    const std::size_t count = std::min(together, samples.size() - from);
    const auto rows = static_cast<std::int64_t>(count), columns = static_cast<std::int64_t>(length);
    at::Tensor ids = at::empty({rows, columns}, at::kLong);
    for (std::size_t s = 0; s < count; ++s) {
      const std::vector<std::int64_t>& row = samples[from + s].ids;
      std::copy(row.begin(), row.end(), ids.data_ptr<std::int64_t>() + s * length);
    }
    const at::Tensor best = net.logits(ids).argmax(1).view({rows, columns});
    for (std::size_t s = 0; s < count; ++s) {
      const std::vector<std::int64_t>& truth = samples[from + s].ids;
      const std::int64_t* said = best.data_ptr<std::int64_t>() + s * length;
      for (const auto& answer : samples[from + s].answers) {
        ++asked;
        right += std::equal(truth.begin() + answer.first, truth.begin() + answer.last,
                            said + answer.first - 1);
      }
    }
  }
  PRESSROOM_ASSERT(asked > 0);
  return static_cast<double>(right) / static_cast<double>(asked);
}

}  // namespace

double bits_per_byte(const LlamaNet& net, const Tokenizer& tokenizer, std::string_view text,
                     const ScoringWindow& window) {
  PRESSROOM_ASSERT(window.stride >= 1 && window.stride <= window.length);
  std::vector<std::int64_t> ids = tokenizer.encode(text, Special::kNone);
  const auto count = static_cast<std::int64_t>(ids.size());
  if (count < 2) {
    throw Error({"the held-out text is too short to be scored", "", "two tokens or more",
                 std::to_string(count) + " tokens", "give a longer text"});
  }
  const at::Tensor all = at::from_blob(ids.data(), {1, count}, at::kLong);
  double nats = 0;
  std::int64_t scored = 1;
  while (scored < count) {
    const std::int64_t end =
        scored == 1 ? std::min(count, window.length + 1) : std::min(count, scored + window.stride);
    const std::int64_t begin = std::max<std::int64_t>(0, end - window.length - 1);
    const at::Tensor nll = net.target_nll(all.narrow(1, begin, end - begin));
    nats += nll.narrow(1, scored - begin - 1, end - scored).sum(at::kDouble).item<double>();
    scored = end;
  }
  // Nothing predicts the first token, so its bytes must not lower the mean.
  const std::size_t first_bytes = tokenizer.token_bytes(ids.front()).size();
  return nats / std::log(2.0) / static_cast<double>(text.size() - first_bytes);
}

double recall_accuracy(const LlamaNet& net, const RecallTask& task, const RecallSpec& spec,
                       std::int64_t samples, std::uint64_t seed) {
  std::vector<RecallSample> drawn;
  for (std::int64_t s = 0; s < samples; ++s) {
    drawn.push_back(task.make(spec, seed, static_cast<std::uint64_t>(s)));
  }
  return share_answered(net, drawn);
}

std::optional<double> task_accuracy(const LlamaNet& net, const TaskSamples& tasks,
                                    const TaskSpec& spec, std::int64_t samples,
                                    std::uint64_t seed) {
  std::vector<TaskSample> drawn;
  for (std::int64_t s = 0; s < samples; ++s) {
    std::optional<TaskSample> sample = tasks.make(spec, seed, static_cast<std::uint64_t>(s));
    if (!sample) return std::nullopt;
    drawn.push_back(std::move(*sample));
  }
  return share_answered(net, drawn);
}

NgramModel::NgramModel(int order) : order_(order) {
  PRESSROOM_ASSERT(order >= 1 && order <= 8);
  by_length_.resize(static_cast<std::size_t>(order));
}

void NgramModel::add(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    for (std::size_t length = 0; length < by_length_.size() && length <= i; ++length) {
      Followers& followers = by_length_[length][context_key(text, i, length)];
      ++followers.total;
      const auto found = std::find_if(followers.counts.begin(), followers.counts.end(),
                                      [&](const auto& entry) { return entry.first == byte; });
      if (found == followers.counts.end()) {
        followers.counts.emplace_back(byte, 1);
      } else {
        ++found->second;
      }
    }
  }
}

double NgramModel::probability(std::string_view context, unsigned char byte) const {
  double p = 1.0 / 256.0;
  const std::size_t longest = std::min(context.size(), by_length_.size() - 1);
  for (std::size_t length = 0; length <= longest; ++length) {
    const auto found = by_length_[length].find(context_key(context, context.size(), length));
    if (found == by_length_[length].end()) return p;  // then no longer context was seen either
    double count = 0;
    for (const auto& [follower, seen] : found->second.counts) {
      if (follower == byte) count = static_cast<double>(seen);
    }
    const auto kinds = static_cast<double>(found->second.counts.size());
    p = (count + kinds * p) / (static_cast<double>(found->second.total) + kinds);
  }
  return p;
}

double NgramModel::bits_per_byte(std::string_view text) const {
  PRESSROOM_ASSERT(!text.empty());
  double bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t from = i - std::min(i, static_cast<std::size_t>(order_));
    bits -=
        std::log2(probability(text.substr(from, i - from), static_cast<unsigned char>(text[i])));
  }
  return bits / static_cast<double>(text.size());
}

}  // namespace pressroom
