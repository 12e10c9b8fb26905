#include "campaign/sampling.h"

#include <algorithm>
#include <set>

#include "base/pulse.h"
#include "base/sha256.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom {
namespace {

// A chosen window with what it was chosen by and where it stands in the dataset.
struct Draw {
  std::uint64_t number = 0;
  std::int64_t order = 0;
  Window window;
};

bool higher(const Draw& a, const Draw& b) {
  return a.number != b.number ? a.number < b.number : a.order < b.order;
}

// Keeps the `count` lowest draws seen so far, as a heap with the highest in front.
class LowestDraws {
 public:
  explicit LowestDraws(std::int64_t count) : count_(static_cast<std::size_t>(count)) {}

  bool takes(std::uint64_t number) const {
    return draws_.size() < count_ || number < draws_.front().number;
  }
  void add(Draw draw) {
    draws_.push_back(std::move(draw));
    std::push_heap(draws_.begin(), draws_.end(), higher);
    if (draws_.size() <= count_) return;
    std::pop_heap(draws_.begin(), draws_.end(), higher);
    draws_.pop_back();
  }
  std::vector<Window> in_dataset_order() {
    std::sort(draws_.begin(), draws_.end(),
              [](const Draw& a, const Draw& b) { return a.order < b.order; });
    std::vector<Window> windows;
    for (Draw& draw : draws_) windows.push_back(std::move(draw.window));
    return windows;
  }

 private:
  std::size_t count_;
  std::vector<Draw> draws_;
};

std::int64_t count_words(const std::string& text) {
  std::int64_t words = 0;
  bool in_word = false;
  for (const char c : text) {
    const bool space = c == ' ' || (c >= '\t' && c <= '\r');
    words += !space && !in_word ? 1 : 0;
    in_word = !space;
  }
  return words;
}

Window make_window(const Document& document, const std::vector<std::int64_t>& ids,
                   std::int64_t offset, std::int64_t length, const Tokenizer& tokenizer) {
  Window window;
  window.tokens.id = document.id + "@" + std::to_string(offset);
  window.tokens.ids.assign(ids.begin() + offset, ids.begin() + offset + length);
  window.ids_sha256 = token_ids_sha256(window.tokens.ids);
  window.provenance = document.provenance;
  std::string text;
  for (std::size_t i = 1; i < window.tokens.ids.size(); ++i) {
    text += tokenizer.token_bytes(window.tokens.ids[i]);
  }
  window.scored_bytes = static_cast<std::int64_t>(text.size());
  window.scored_words = count_words(text);
  return window;
}

// The tokens that have a byte of `answer`. Tokens may spell more than the text, but only in front
// of it: a space that the tokenizer puts there.
TokenRange tokens_of(const Answer& answer, const Document& document,
                     const std::vector<std::int64_t>& ids, const Tokenizer& tokenizer) {
  std::vector<std::size_t> ends;  // of each token, in bytes of all of them
  ends.reserve(ids.size());
  std::size_t bytes = 0;
  for (const std::int64_t id : ids) ends.push_back(bytes += tokenizer.token_bytes(id).size());
  const std::size_t shift = bytes - document.text.size();
  const auto first = std::upper_bound(ends.begin(), ends.end(), answer.begin + shift);
  const auto last = std::lower_bound(ends.begin(), ends.end(), answer.end + shift);
  const bool inside = answer.begin < answer.end && answer.end <= document.text.size();
  if (!inside || bytes < document.text.size() || first == ends.begin()) {
    throw Error({"an answer is not a part of its document that can be scored", document.id,
                 "bytes within the text, behind its first token",
                 std::to_string(answer.begin) + " .. " + std::to_string(answer.end) + " of " +
                     std::to_string(document.text.size()),
                 "fix the dataset reader"});
  }
  return {first - ends.begin(), last - ends.begin() + 1};
}

// A document of a task: one window, whole.
Window whole_document(const Document& document, const std::vector<std::int64_t>& ids,
                      std::int64_t context_tokens, const Tokenizer& tokenizer) {
  const auto tokens = static_cast<std::int64_t>(ids.size());
  if (tokens > context_tokens) {
    throw Error({"a document of a task does not fit into the context", document.id,
                 "at most " + std::to_string(context_tokens) + " tokens",
                 std::to_string(tokens) + " tokens",
                 "raise protocol.context, or ask the reader for shorter documents"});
  }
  Window window = make_window(document, ids, 0, tokens, tokenizer);
  for (const Answer& answer : document.answers) {
    window.answers.push_back(tokens_of(answer, document, ids, tokenizer));
  }
  return window;
}

// Calls a reader. Its own Errors say what is wrong and pass; of anything else the host makes one.
template <typename Call>
auto enter_reader(Call&& call) -> decltype(call()) {
  const PluginCall inside("the dataset reader reading", "");
  try {
    return under<StateGuard>(call, "the dataset reader");
  } catch (const Error&) {
    throw;
  } catch (...) {
    rethrow_from_plugin("the dataset reader", "reading", "");
  }
}

}  // namespace

std::string token_ids_sha256(const std::vector<std::int64_t>& ids) {
  std::string bytes;
  bytes.reserve(ids.size() * 8);
  for (const std::int64_t id : ids) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes += static_cast<char>(static_cast<std::uint64_t>(id) >> shift);
    }
  }
  return sha256_hex(bytes);
}

namespace {

// The windows of one seed, while the documents pass.
struct SeedDraws {
  std::uint64_t seed = 0;
  LowestDraws lowest;
};

// Has every seed draw from the windows of `document`; returns how many these are. They are numbered
// from `first` on.
std::int64_t draw_from(const Document& document, const std::vector<std::int64_t>& ids,
                       std::int64_t context_tokens, const Tokenizer& tokenizer, std::int64_t first,
                       std::vector<SeedDraws>& seeds) {
  if (!document.answers.empty()) {
    // Made before it is known whether it is drawn: one that does not fit is wrong under any seed.
    const Window window = whole_document(document, ids, context_tokens, tokenizer);
    for (SeedDraws& draws : seeds) {
      const std::uint64_t number = RandomKey(draws.seed).with("window").with(document.id).bits();
      if (draws.lowest.takes(number)) draws.lowest.add({number, first, window});
    }
    return 1;
  }
  std::int64_t windows = 0;
  const auto tokens = static_cast<std::int64_t>(ids.size());
  for (std::int64_t offset = 0; offset + context_tokens <= tokens; offset += context_tokens) {
    for (SeedDraws& draws : seeds) {
      const std::uint64_t number =
          RandomKey(draws.seed).with("window").with(document.id).with(offset).bits();
      if (!draws.lowest.takes(number)) continue;
      draws.lowest.add(
          {number, first + windows, make_window(document, ids, offset, context_tokens, tokenizer)});
    }
    ++windows;
  }
  return windows;
}

void check_unique(const std::vector<Window>& windows) {
  std::set<std::string> ids;
  for (const Window& window : windows) {
    if (ids.insert(window.tokens.id).second) continue;
    throw Error({"two documents of the dataset have one id", "", "ids that are unique",
                 window.tokens.id, "fix the dataset or its reader: results are paired by id"});
  }
}

}  // namespace

std::vector<std::vector<Window>> sample_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                                std::int64_t context_tokens, std::int64_t count,
                                                const std::vector<std::uint64_t>& seeds) {
  std::vector<SeedDraws> draws;
  draws.reserve(seeds.size());
  for (const std::uint64_t seed : seeds) draws.push_back({seed, LowestDraws(count)});
  std::int64_t windows_seen = 0;
  std::int64_t longest = 0;
  ReadingContext context;
  context.context_tokens = context_tokens;
  context.count_tokens = [&tokenizer](const std::string& text) {
    return static_cast<std::int64_t>(tokenizer.encode(text, Special::kNone).size());
  };
  enter_reader([&] {
    reader.prepare(context);
    reader.rewind();
  });
  while (const std::optional<Document> document = enter_reader([&] { return reader.next(); })) {
    const std::vector<std::int64_t> ids =
        document->ids.empty() ? tokenizer.encode(document->text, Special::kNone) : document->ids;
    longest = std::max(longest, static_cast<std::int64_t>(ids.size()));
    windows_seen += draw_from(*document, ids, context_tokens, tokenizer, windows_seen, draws);
  }
  if (windows_seen < count) {
    throw Error({"the dataset is too short for this protocol", "",
                 std::to_string(count) + " windows of " + std::to_string(context_tokens) +
                     " tokens that do not overlap",
                 std::to_string(windows_seen) + " such windows; the longest document has " +
                     std::to_string(longest) + " tokens",
                 "lower protocol.context or protocol.documents, or give more text"});
  }
  std::vector<std::vector<Window>> windows;
  windows.reserve(seeds.size());
  for (SeedDraws& of_seed : draws) {
    windows.push_back(of_seed.lowest.in_dataset_order());
    check_unique(windows.back());
  }
  return windows;
}

std::vector<Window> sample_windows(DatasetReader& reader, const Tokenizer& tokenizer,
                                   std::int64_t context_tokens, std::int64_t count,
                                   std::uint64_t seed) {
  return std::move(
      sample_windows(reader, tokenizer, context_tokens, count, std::vector<std::uint64_t>{seed})
          .front());
}

const std::vector<Window>* WindowStore::find(const PlannedCell& planned,
                                             std::vector<Problem>& problems) {
  const Cell& cell = planned.cell;
  const auto place = std::make_pair(planned.dataset, cell.context_tokens);
  // Told already, and reading all of it again for each seed takes long.
  if (unusable_.count(place) > 0) return nullptr;
  const auto group = std::make_tuple(planned.dataset, cell.context_tokens, cell.seed);
  const auto known = windows_.find(group);
  if (known != windows_.end()) return &known->second;
  try {
    std::vector<std::vector<Window>> windows =
        sample_windows(*datasets_[planned.dataset], tokenizer_, cell.context_tokens,
                       config_.protocol.documents, config_.seeds);
    for (std::size_t i = 0; i < windows.size(); ++i) {
      for (const Window& window : windows[i]) {
        check_ids(window.tokens, vocabulary_, config_.protocol.how);
      }
      windows_.emplace(std::make_tuple(planned.dataset, cell.context_tokens, config_.seeds[i]),
                       std::move(windows[i]));
    }
    return &windows_.at(group);
  } catch (const Error& error) {
    unusable_.insert(place);
    for (Problem problem : error.problems()) {
      if (problem.where.empty()) problem.where = "dataset " + cell.dataset;
      // A file that cannot be read is so in all contexts, and for all datasets that read it.
      const auto is_same = [&](const Problem& other) { return other.text() == problem.text(); };
      if (std::any_of(problems.begin(), problems.end(), is_same)) continue;
      problems.push_back(std::move(problem));
    }
    return nullptr;
  }
}

}  // namespace pressroom
