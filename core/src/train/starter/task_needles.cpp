#include <algorithm>
#include <set>

#include "pressroom/error.h"
#include "train/starter/task_draft.h"

namespace pressroom {
namespace {

constexpr const char* kMentioned = " mentioned in the provided text";

enum class Haystack { kNoise, kProse, kNeedles };

struct NeedleSetting {
  Haystack haystack;
  bool has_uuid_keys;
  bool has_uuid_values;
  std::int64_t keys;
  std::int64_t values;   // of a key
  std::int64_t queries;  // keys in a question
  int digits = 7;        // of a number
  bool is_terse = false;
};

NeedleSetting setting_of(TaskShape shape) {
  switch (shape) {
    case TaskShape::kSingle1:
      return {Haystack::kNoise, false, false, 1, 1, 1};
    case TaskShape::kSingle2:
      return {Haystack::kProse, false, false, 1, 1, 1};
    case TaskShape::kSingle3:
      return {Haystack::kProse, false, true, 1, 1, 1};
    case TaskShape::kMultikey1:
      return {Haystack::kProse, false, false, 4, 1, 1};
    case TaskShape::kMultikey2:
      return {Haystack::kNeedles, false, false, 1, 1, 1};
    case TaskShape::kMultikey3:
      return {Haystack::kNeedles, true, true, 1, 1, 1};
    case TaskShape::kMultivalue:
      return {Haystack::kProse, false, false, 1, 4, 1};
    case TaskShape::kMultiquery:
      return {Haystack::kProse, false, false, 4, 1, 4};
    default:
      PRESSROOM_ASSERT(false);
  }
}

// A dense sample has other counts, but as many values or keys are asked for as the words say.
// Half of them are terse: as many short needles and questions as fit.
NeedleSetting dense(NeedleSetting setting, TaskCounts most, CounterRng* rng) {
  setting.is_terse = rng->below(2) == 0;
  if (setting.is_terse) {
    setting.digits = static_cast<int>(draw_count(rng, 4));
    setting.haystack = Haystack::kNeedles;
  }
  if (setting.values > 1) setting.values = 1 + draw_count(rng, 3);
  if (setting.queries > 1) setting.queries = 1 + draw_count(rng, 3);
  setting.keys = std::max(setting.queries, draw_count(rng, most.facts));
  return setting;
}

struct Needle {
  std::string key;
  std::vector<std::string> values;
};

class NeedleTexts {
 public:
  NeedleTexts(const NeedleSetting& setting, const TaskWords& words)
      : setting_(setting), words_(words) {}

  Needle draw(CounterRng* rng) {
    Needle needle;
    do {
      needle.key = setting_.has_uuid_keys ? draw_uuid(rng) : words_.key(rng);
    } while (!keys_.insert(needle.key).second);
    for (std::int64_t v = 0; v < setting_.values; ++v) {
      needle.values.push_back(setting_.has_uuid_values ? draw_uuid(rng)
                                                       : draw_digits(rng, setting_.digits));
    }
    return needle;
  }

  std::string fact(const std::string& key, const std::string& value, CounterRng* rng) const {
    const std::string lead = "One of the special magic " + kind() + "s for ";
    return (setting_.is_terse ? draw_ending(rng, lead) : lead) + key + " is: " + value + ".";
  }

  std::string head() const {
    const std::string what = kind() + (is_one() ? "" : "s");
    return (is_one() ? "A special magic " : "Some special magic ") + what +
           (is_one() ? " is" : " are") +
           " hidden within the following text. Make sure to memorize it. I will quiz you about "
           "the " +
           what + " afterwards.\n";
  }

  // `rest`: the words between the keys and the verb. Terse, the question itself is left out, and
  // only the end of the sentence remains that begins its answer.
  void ask(const std::vector<Needle>& asked, const std::string& rest, MarkedText* tail,
           CounterRng* rng) const {
    std::string keys, values;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      const bool is_last = i + 1 == asked.size();
      keys += (i == 0 ? "" : is_last ? ", and " : ", ") + asked[i].key;
      for (const std::string& value : asked[i].values)
        values += (values.empty() ? " " : ", ") + value;
    }
    const std::string lead = "he special magic " + kind() + (is_one() ? "" : "s") + " for ";
    const std::string question =
        (is_one() ? "What is t" : "What are all t") + lead + keys + rest + "? T" + lead;
    tail->add('\n' + (setting_.is_terse ? draw_ending(rng, 'T' + lead) : question) + keys + rest +
                  (is_one() ? " is" : " are"),
              TextMark::kStatement);
    tail->add(values, TextMark::kAnswer);
  }

 private:
  bool is_one() const { return setting_.values * setting_.queries == 1; }
  std::string kind() const { return setting_.has_uuid_values ? "uuid" : "number"; }

  NeedleSetting setting_;
  const TaskWords& words_;
  std::set<std::string> keys_;
};

std::function<std::string()> haystack_of(Haystack kind, const NeedleTexts& texts,
                                         const TaskWords& words, CounterRng* rng) {
  if (kind == Haystack::kNoise) return [] { return std::string(kTaskNoise); };
  if (kind == Haystack::kProse)
    return [prose = words.prose(rng)]() mutable { return prose.next(); };
  return [texts = texts, own = CounterRng(rng->next(), 0)]() mutable {
    const Needle other = texts.draw(&own);
    return texts.fact(other.key, other.values[0], &own);
  };
}

}  // namespace

TaskDraft draft_needles(const TaskSpec& spec, TaskCounts most, const TaskWords& words,
                        CounterRng* rng) {
  NeedleSetting setting = setting_of(spec.shape);
  if (spec.is_dense) setting = dense(setting, most, rng);
  NeedleTexts texts(setting, words);
  std::vector<Needle> needles;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // of a needle, of a value
  for (std::size_t k = 0; k < static_cast<std::size_t>(setting.keys); ++k) {
    needles.push_back(texts.draw(rng));
    for (std::size_t v = 0; v < needles[k].values.size(); ++v) places.emplace_back(k, v);
  }
  TaskDraft draft;
  if (!setting.is_terse) draft.head.add(texts.head(), TextMark::kStatement);
  // The values of a key stand in the order in which the answer has them: nothing else says which.
  std::vector<std::size_t> said(needles.size(), 0);
  for (const std::size_t place : draw_order(rng, places.size())) {
    const std::size_t k = places[place].first;
    draft.facts.push_back(texts.fact(needles[k].key, needles[k].values[said[k]++], rng));
  }
  const auto queries = static_cast<std::size_t>(setting.queries);
  const std::vector<std::size_t> order = draw_order(rng, needles.size());
  const std::size_t fitting = order.size() / queries;
  const std::int64_t wanted = setting.is_terse ? most.facts : most.questions;
  const std::size_t questions =
      spec.is_dense
          ? std::min<std::size_t>(fitting, static_cast<std::size_t>(draw_count(rng, wanted)))
          : 1;
  for (std::size_t q = 0; q < questions; ++q) {
    std::vector<Needle> asked;
    for (std::size_t i = 0; i < queries; ++i) asked.push_back(needles[order[q * queries + i]]);
    const std::string rest = spec.is_dense ? draw_beginning(rng, kMentioned) : kMentioned;
    texts.ask(asked, rest, &draft.tail, rng);
  }
  draft.between = setting.haystack == Haystack::kProse ? " " : "\n";
  if (setting.haystack == Haystack::kProse) draft.unit_mark = TextMark::kProse;
  draft.next_unit = haystack_of(setting.haystack, texts, words, rng);
  return draft;
}

}  // namespace pressroom
