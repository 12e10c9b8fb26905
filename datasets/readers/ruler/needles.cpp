#include "needles.h"

#include <algorithm>

#include "parts.h"

namespace pressroom::ruler {
namespace {

constexpr std::size_t kDigits = 7;

// "a, b, and c"
std::string enumerated(std::vector<std::string> names) {
  const std::string last = names.back();
  names.pop_back();
  return names.empty() ? last : joined(names, ", ") + ", and " + last;
}

}  // namespace

Needles::Needles(const Settings& settings, RandomKey key, const Sources& sources)
    : settings_(settings), key_(key), sources_(sources) {
  const auto keys = static_cast<std::size_t>(settings.num_needle_k);
  std::vector<Needle> in_order_of_keys;
  for (std::size_t k = 0; k < keys; ++k) {
    keys_.push_back(drawn(settings.type_needle_k, key.with("key").with(k)));
    for (std::int64_t v = 0; v < settings.num_needle_v; ++v) {
      in_order_of_keys.push_back(
          {k, drawn(settings.type_needle_v, key.with("value").with(k).with(v))});
    }
  }
  const std::size_t count = in_order_of_keys.size();
  for (const std::size_t n : draw_distinct(key.with("order"), count, count)) {
    needles_.push_back(in_order_of_keys[n]);
  }
  asked_ = draw_distinct(key.with("asked"), keys,
                         static_cast<std::size_t>(settings.num_needle_q * settings.questions));
}

std::string Needles::drawn(const std::string& type, RandomKey key) {
  return distinct(taken_, key, [&](RandomKey k) {
    if (type == "numbers") return drawn_digits(k, kDigits);
    if (type == "uuids") return drawn_uuid(k);
    const std::vector<std::size_t> two = draw_distinct(k, sources_.words->size(), 2);
    return sources_.words->word(two[0]) + "-" + sources_.words->word(two[1]);
  });
}

std::string Needles::sentence(const std::string& key, const std::string& value) const {
  return "One of the special magic " + settings_.type_needle_v + " for " + key + " is: " + value +
         ".";
}

std::int64_t Needles::least_units() const {
  return settings_.needs_prose() ? 1 : static_cast<std::int64_t>(needles_.size());
}

std::int64_t Needles::most_units() const {
  return settings_.needs_prose() ? sources_.prose->words() : kUnlimited;
}

std::string Needles::units_of() const {
  return settings_.needs_prose() ? sources_.prose->source().path : "";
}

Haystack Needles::haystack(std::int64_t units) {
  if (settings_.needs_prose()) return prose(*sources_.prose, units);
  if (settings_.type_haystack == "noise") return noise(units);
  const RandomKey key = key_.with("distractors");
  while (distractors_.size() < static_cast<std::size_t>(units)) {
    const RandomKey of_this = key.with(distractors_.size());
    const std::string name = drawn(settings_.type_needle_k, of_this.with("key"));
    distractors_.push_back(sentence(name, drawn(settings_.type_needle_v, of_this.with("value"))));
  }
  return {{distractors_.begin(), distractors_.begin() + units}, "\n", false};
}

std::int64_t Needles::answer_about(std::size_t key) const {
  const auto found = std::find(asked_.begin(), asked_.end(), key);
  return found == asked_.end() ? -1 : (found - asked_.begin()) / settings_.num_needle_q;
}

Composition Needles::composed(std::int64_t units) {
  const bool one = settings_.num_needle_q * settings_.num_needle_v == 1;
  const std::string things =
      settings_.type_needle_v.substr(0, settings_.type_needle_v.size() - (one ? 1 : 0));
  Composition made;
  made.instruct(
      (one ? "A special magic " + things + " is" : "Some special magic " + things + " are") +
      " hidden within the following text. Make sure to memorize it. I will quiz you about"
      " the " +
      things + " afterwards.\n");
  std::vector<Hidden> hidden;
  for (const Needle& needle : needles_) {
    hidden.push_back({sentence(keys_[needle.key], needle.value), answer_about(needle.key)});
  }
  const Haystack hay = haystack(units);
  put_into(made, hay, places_in(hay, key_.with("places"), hidden.size()), hidden);
  for (std::int64_t question = 0; question < settings_.questions; ++question) {
    ask(made, question);
  }
  return made;
}

void Needles::ask(Composition& made, std::int64_t question) const {
  std::vector<std::string> names, values;
  for (std::int64_t q = 0; q < settings_.num_needle_q; ++q) {
    const std::size_t key = asked_[static_cast<std::size_t>(question * settings_.num_needle_q + q)];
    names.push_back(keys_[key]);
    for (const Needle& needle : needles_) {
      if (needle.key == key) values.push_back(needle.value);
    }
  }
  const bool one = values.size() == 1;
  const std::string asked_for =
      "special magic " +
      settings_.type_needle_v.substr(0, settings_.type_needle_v.size() - (one ? 1 : 0)) + " for " +
      enumerated(names) + " mentioned in the provided text";
  made.ask((one ? "What is the " : "What are all the ") + asked_for + "? The " + asked_for +
               (one ? " is" : " are"),
           {joined(names, ","), joined(values, ", "), values});
}

}  // namespace pressroom::ruler
