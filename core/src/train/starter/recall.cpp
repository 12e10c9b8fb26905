#include "train/starter/recall.h"

#include <algorithm>
#include <numeric>

#include "pressroom/error.h"
#include "train/starter/counter_rng.h"

namespace pressroom {

const std::vector<std::string>& recall_names() {
  static const std::vector<std::string> names = {
      "Adam",   "Agnes",  "Albert", "Alice",  "Andrew", "Anna",   "Arthur", "Bella",
      "Bruno",  "Carla",  "Clara",  "Conrad", "Daniel", "David",  "Diana",  "Edgar",
      "Edith",  "Elena",  "Emil",   "Erik",   "Esther", "Felix",  "Fiona",  "Frank",
      "George", "Gloria", "Greta",  "Hanna",  "Harold", "Hector", "Helen",  "Henry",
      "Hugo",   "Ida",    "Irene",  "Ivan",   "Jacob",  "Jasper", "Julia",  "Karl",
      "Laura",  "Leo",    "Linda",  "Louis",  "Lucy",   "Marcus", "Maria",  "Martin",
      "Nina",   "Nora",   "Oliver", "Oscar",  "Paula",  "Peter",  "Rosa",   "Ruth",
      "Samuel", "Simon",  "Sophie", "Stella", "Thomas", "Ursula", "Victor", "Walter"};
  return names;
}

const std::vector<std::string>& recall_words() {
  static const std::vector<std::string> words = {
      "acorn",   "amber",    "anchor",   "apple",   "arrow",  "barley",  "basket",  "beacon",
      "bell",    "bottle",   "branch",   "brass",   "bread",  "bridge",  "bronze",  "bucket",
      "button",  "candle",   "carpet",   "castle",  "cedar",  "chain",   "chalk",   "cherry",
      "circle",  "clay",     "cloud",    "clover",  "copper", "coral",   "cotton",  "crane",
      "crown",   "crystal",  "dagger",   "daisy",   "desert", "diamond", "dragon",  "drum",
      "eagle",   "ember",    "falcon",   "feather", "fern",   "fiddle",  "flint",   "flute",
      "forest",  "fountain", "fox",      "garden",  "ginger", "glass",   "glove",   "grape",
      "hammer",  "harbor",   "harp",     "hazel",   "helmet", "heron",   "honey",   "horn",
      "island",  "ivory",    "jasmine",  "jewel",   "kettle", "ladder",  "lantern", "laurel",
      "lemon",   "lily",     "linen",    "lion",    "magnet", "maple",   "marble",  "meadow",
      "mirror",  "moon",     "mountain", "needle",  "oak",    "ocean",   "olive",   "orange",
      "orchard", "otter",    "paper",    "pearl",   "pepper", "piano",   "pillow",  "planet",
      "plum",    "pony",     "poppy",    "quartz",  "rabbit", "raven",   "ribbon",  "river",
      "robin",   "rocket",   "rope",     "saddle",  "salt",   "sand",    "scarf",   "shell",
      "silver",  "snow",     "spider",   "star",    "stone",  "storm",   "sugar",   "thistle",
      "thunder", "tiger",    "timber",   "tulip",   "velvet", "violin",  "walnut",  "willow"};
  return words;
}

namespace {

using Ids = std::vector<std::int64_t>;

// The first `count` elements of a random permutation of 0..n-1.
std::vector<std::size_t> draw_distinct(CounterRng* rng, std::size_t n, std::size_t count) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + rng->below(n - i)]);
  all.resize(count);
  return all;
}

struct Event {
  std::size_t fact;
  bool is_question;
};

// Facts are numbered as they come; a question may follow any time after its fact.
std::vector<Event> draw_events(CounterRng* rng, const RecallSpec& spec) {
  const auto facts = static_cast<std::size_t>(spec.facts);
  auto questions = static_cast<std::size_t>(spec.questions);
  std::vector<Event> events;
  std::size_t stated = 0;
  while (stated < facts || questions > 0) {
    const bool only_facts =
        stated == 0 || (spec.order == RecallOrder::kQuestionsLast && stated < facts);
    const bool state = only_facts || rng->below(facts - stated + questions) < facts - stated;
    if (state) {
      events.push_back({stated++, false});
    } else {
      events.push_back({rng->below(stated), true});
      --questions;
    }
  }
  if (spec.order == RecallOrder::kQuestionsLast && spec.questions <= spec.facts) {
    // As drawn above, one fact may be asked for twice; here there are enough different ones.
    const std::vector<std::size_t> asked =
        draw_distinct(rng, facts, static_cast<std::size_t>(spec.questions));
    for (std::size_t q = 0; q < asked.size(); ++q) events[facts + q].fact = asked[q];
  }
  return events;
}

// Filler tokens before each event and after the last one. With the questions last there is none
// between and after them.
std::vector<std::int64_t> draw_gaps(CounterRng* rng, const RecallSpec& spec, std::size_t events,
                                    std::int64_t filler) {
  const bool benchmark = spec.order == RecallOrder::kQuestionsLast;
  const std::size_t gaps = benchmark ? static_cast<std::size_t>(spec.facts) + 1 : events + 1;
  std::vector<std::int64_t> cuts(gaps + 1, 0);
  for (std::size_t i = 1; i < gaps; ++i) {
    cuts[i] = static_cast<std::int64_t>(rng->below(static_cast<std::uint64_t>(filler) + 1));
  }
  cuts[gaps] = filler;
  std::sort(cuts.begin(), cuts.end());
  std::vector<std::int64_t> sizes(events + 1, 0);
  for (std::size_t i = 0; i < gaps; ++i) sizes[i] = cuts[i + 1] - cuts[i];
  return sizes;
}

class Writer {
 public:
  Writer(RecallSample* sample, const Ids& filler, std::size_t filler_at)
      : sample_(*sample), filler_(filler), filler_at_(filler_at) {}

  void fill(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) push(filler_[filler_at_++], 0);
  }
  void state(const Ids& ids) {
    for (const std::int64_t id : ids) push(id, 1);
  }
  std::int64_t position() const { return static_cast<std::int64_t>(sample_.ids.size()); }

 private:
  void push(std::int64_t id, std::int64_t statement) {
    sample_.ids.push_back(id);
    sample_.statement.push_back(statement);
  }

  RecallSample& sample_;
  const Ids& filler_;
  std::size_t filler_at_;
};

void require(bool condition, const char* expected, std::int64_t got) {
  if (condition) return;
  throw Error({"the recall sample cannot be built", "recall task", expected, std::to_string(got),
               "use fewer facts and questions, or a longer sample"});
}

}  // namespace

RecallTask::RecallTask(const Tokenizer& tokenizer, const std::vector<std::int64_t>& filler_ids)
    : filler_ids_(filler_ids),
      lead_(tokenizer.encode(" The key of", Special::kNone)),
      link_(tokenizer.encode(" is", Special::kNone)),
      stop_(tokenizer.encode(".", Special::kNone)) {
  for (const std::string& name : recall_names()) {
    names_.push_back(tokenizer.encode(" " + name, Special::kNone));
  }
  for (const std::string& word : recall_words()) {
    words_.push_back(tokenizer.encode(" " + word, Special::kNone));
  }
}

std::int64_t RecallTask::longest_sentence(bool is_terse) const {
  const auto longest = [](const std::vector<Ids>& all) {
    std::size_t most = 0;
    for (const Ids& ids : all) most = std::max(most, ids.size());
    return most;
  };
  return static_cast<std::int64_t>((is_terse ? 0 : lead_.size()) + longest(names_) + link_.size() +
                                   longest(words_) + stop_.size());
}

RecallSample RecallTask::make(const RecallSpec& spec, std::uint64_t seed,
                              std::uint64_t index) const {
  require(spec.facts >= 1 && spec.facts <= static_cast<std::int64_t>(names_.size()),
          "at least one fact and no more than there are names", spec.facts);
  require(static_cast<std::int64_t>(filler_ids_.size()) > spec.length_tokens,
          "filler longer than the sample", static_cast<std::int64_t>(filler_ids_.size()));
  CounterRng rng(seed, hash_stream("recall", index));
  const auto facts = static_cast<std::size_t>(spec.facts);
  const std::vector<std::size_t> names = draw_distinct(&rng, names_.size(), facts);
  const std::vector<std::size_t> words = draw_distinct(&rng, words_.size(), facts);
  const std::vector<Event> events = draw_events(&rng, spec);

  const Ids lead = spec.is_terse ? Ids() : lead_;
  std::int64_t filler = spec.length_tokens;
  for (const Event& event : events) {
    filler -=
        static_cast<std::int64_t>(lead.size() + names_[names[event.fact]].size() + link_.size() +
                                  words_[words[event.fact]].size() + stop_.size());
  }
  require(filler >= 0, "sentences that fit into the sample", filler);
  const std::vector<std::int64_t> gaps = draw_gaps(&rng, spec, events.size(), filler);

  RecallSample sample;
  Writer writer(&sample, filler_ids_,
                rng.below(filler_ids_.size() - static_cast<std::size_t>(spec.length_tokens)));
  std::vector<std::int64_t> stated_at(facts, 0);
  for (std::size_t e = 0; e < events.size(); ++e) {
    const Event& event = events[e];
    writer.fill(gaps[e]);
    writer.state(lead);
    writer.state(names_[names[event.fact]]);
    writer.state(link_);
    const std::int64_t first = writer.position();
    writer.state(words_[words[event.fact]]);
    if (event.is_question) {
      sample.answers.push_back({first, writer.position(), stated_at[event.fact]});
    } else {
      stated_at[event.fact] = first;
    }
    writer.state(stop_);
  }
  writer.fill(gaps[events.size()]);
  return sample;
}

}  // namespace pressroom
