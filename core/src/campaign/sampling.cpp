#include "campaign/sampling.h"

#include <algorithm>
#include <set>

#include "base/pulse.h"
#include "campaign/task_window.h"
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

Window make_window(const Document& document, const std::vector<std::int64_t>& ids,
                   std::int64_t offset, std::int64_t length, const Tokenizer& tokenizer) {
  Window window;
  window.tokens.id = document.id + "@" + std::to_string(offset);
  window.tokens.ids.assign(ids.begin() + offset, ids.begin() + offset + length);
  window.ids_sha256 = token_ids_sha256(window.tokens.ids);
  window.provenance = document.provenance;
  count_scored_text(tokenizer, window);
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

// The windows of one seed, while the documents pass.
struct SeedDraws {
  std::uint64_t seed = 0;
  LowestDraws lowest;
};

// How documents become windows; borrowed.
struct WindowRule {
  std::int64_t context_tokens;
  const Protocol& protocol;
  const Tokenizer& tokenizer;
};

// What was seen of a dataset so far.
struct Seen {
  std::int64_t windows = 0;
  std::int64_t longest = 0;  // document, in tokens
};

// Has every seed draw the document of a task, which is one window.
void draw_task(const Document& document, const WindowRule& rule, Seen& seen,
               std::vector<SeedDraws>& seeds) {
  // Made before it is known whether it is drawn: one that does not fit is wrong under any seed.
  const Window window = task_window(document, rule.context_tokens, rule.protocol, rule.tokenizer);
  for (SeedDraws& draws : seeds) {
    const std::uint64_t number = RandomKey(draws.seed).with("window").with(document.id).bits();
    if (draws.lowest.takes(number)) draws.lowest.add({number, seen.windows, window});
  }
  ++seen.windows;
  seen.longest = std::max(seen.longest, static_cast<std::int64_t>(window.tokens.ids.size()));
}

// Has every seed draw from the windows that `document` is cut into.
void draw_stretches(const Document& document, const WindowRule& rule, Seen& seen,
                    std::vector<SeedDraws>& seeds) {
  const std::vector<std::int64_t> ids =
      document.ids.empty() ? rule.tokenizer.encode(document.text, Special::kNone) : document.ids;
  const auto tokens = static_cast<std::int64_t>(ids.size());
  const std::int64_t length = rule.context_tokens;
  for (std::int64_t offset = 0; offset + length <= tokens; offset += length) {
    for (SeedDraws& draws : seeds) {
      const std::uint64_t number =
          RandomKey(draws.seed).with("window").with(document.id).with(offset).bits();
      if (!draws.lowest.takes(number)) continue;
      draws.lowest.add(
          {number, seen.windows, make_window(document, ids, offset, length, rule.tokenizer)});
    }
    ++seen.windows;
  }
  seen.longest = std::max(seen.longest, tokens);
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
                                                const std::vector<std::uint64_t>& seeds,
                                                const Protocol& protocol) {
  std::vector<SeedDraws> draws;
  draws.reserve(seeds.size());
  for (const std::uint64_t seed : seeds) draws.push_back({seed, LowestDraws(count)});
  const WindowRule rule = {context_tokens, protocol, tokenizer};
  Seen seen;
  ReadingContext context;
  context.context_tokens = context_tokens;
  context.count_tokens = [&tokenizer](const std::string& text) {
    return static_cast<std::int64_t>(tokenizer.encode(text, Special::kNone).size());
  };
  context.encode = [&tokenizer](const std::string& text) {
    return tokenizer.encode(text, Special::kNone);
  };
  enter_reader([&] {
    reader.prepare(context);
    reader.rewind();
  });
  while (const std::optional<Document> document = enter_reader([&] { return reader.next(); })) {
    if (document->answers.empty() && protocol.kind == ProtocolKind::kQuestions) {
      throw Error({"the document asks nothing", document->id,
                   "documents with answers, whose context is told from their questions", "none",
                   "take a dataset of tasks, or another protocol"});
    }
    const auto draw = document->answers.empty() ? draw_stretches : draw_task;
    draw(*document, rule, seen, draws);
  }
  if (seen.windows < count) {
    throw Error({"the dataset is too short for this protocol", "",
                 std::to_string(count) + " windows of " + std::to_string(context_tokens) +
                     " tokens that do not overlap",
                 std::to_string(seen.windows) + " such windows; the longest document has " +
                     std::to_string(seen.longest) + " tokens",
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
                                   std::uint64_t seed, const Protocol& protocol) {
  return std::move(sample_windows(reader, tokenizer, context_tokens, count,
                                  std::vector<std::uint64_t>{seed}, protocol)
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
                       config_.protocol.documents, config_.seeds, config_.protocol.how);
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
