#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json_text.h"
#include "base/number_text.h"
#include "base/strings.h"
#include "golden/golden.h"
#include "golden/kept_text.h"
#include "plugin/manifest.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using GoldenJson = nlohmann::ordered_json;

// The first place at which an answer is another one.
struct GoldenDifference {
  std::string place;
  std::string expected;
  std::string got;
};
using FoundDifference = std::optional<GoldenDifference>;

std::string text_of_value(const GoldenJson& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "nothing";
  return found->is_string() ? found->get<std::string>() : json_line(*found);
}

FoundDifference other_value(const GoldenJson& recorded, const GoldenJson& now, const char* key) {
  const std::string expected = text_of_value(recorded, key);
  const std::string got = text_of_value(now, key);
  if (expected == got) return std::nullopt;
  return GoldenDifference{key, expected, got};
}

// What was asked, for a message: "stream, budget 192", `document "a.txt#1"`, "perplexity of dense".
std::string question_of(const GoldenJson& answer) {
  if (answer.contains("protocol")) {
    const auto budget = answer.find("budget_tokens");
    return answer.at("protocol").get<std::string>() +
           (budget == answer.end() ? "" : ", budget " + json_line(*budget));
  }
  if (answer.contains("id")) return "document " + json_line(answer.at("id"));
  return text_of_value(answer, "name") + " of " + text_of_value(answer, "method");
}

// The first position that `kept` has and `other` has not; both ascending.
std::string first_of_its_own(const std::vector<std::int64_t>& kept,
                             const std::vector<std::int64_t>& other) {
  std::vector<std::int64_t> own;
  std::set_difference(kept.begin(), kept.end(), other.begin(), other.end(),
                      std::back_inserter(own));
  return own.empty() ? "no other" : "position " + std::to_string(own.front());
}

GoldenDifference other_head(const std::string& place, const std::string& recorded,
                            const std::string& now) {
  const auto expected = positions_in(recorded).value_or(std::vector<std::int64_t>());
  const auto got = positions_in(now).value_or(std::vector<std::int64_t>());
  return {place, first_of_its_own(expected, got) + " kept",
          first_of_its_own(got, expected) + " kept in its place"};
}

FoundDifference other_kept(const GoldenJson& recorded, const GoldenJson& now) {
  for (std::size_t layer = 0; layer < std::max(recorded.size(), now.size()); ++layer) {
    const bool same_size = recorded.size() == now.size();
    if (!same_size || recorded[layer].size() != now[layer].size()) {
      return GoldenDifference{"layers and heads", "those of the recording", "others"};
    }
    for (std::size_t head = 0; head < recorded[layer].size(); ++head) {
      if (recorded[layer][head] == now[layer][head]) continue;
      return other_head("layer " + std::to_string(layer) + ", KV head " + std::to_string(head),
                        recorded[layer][head].get<std::string>(),
                        now[layer][head].get<std::string>());
    }
  }
  return std::nullopt;
}

FoundDifference other_nll(const GoldenJson& recorded, const GoldenJson& now) {
  if (recorded.size() != now.size()) {
    return GoldenDifference{"scored tokens", std::to_string(recorded.size()),
                            std::to_string(now.size())};
  }
  for (std::size_t i = 0; i < recorded.size(); ++i) {
    const auto expected = recorded[i].get<double>();
    const auto got = now[i].get<double>();
    // Written so that what is no number is no equal either.
    if (std::abs(expected - got) <= kGoldenTolerance) continue;
    return GoldenDifference{
        "the nll of scored token " + std::to_string(i),
        fixed(expected, 6) + " nats, give or take " + fixed(kGoldenTolerance, 4), fixed(got, 6)};
  }
  return std::nullopt;
}

FoundDifference other_method_answer(const GoldenJson& recorded, const GoldenJson& now) {
  // Why it is refused may be said in other words by another version.
  if (recorded.contains("refused") != now.contains("refused")) {
    const auto said = [](const GoldenJson& answer) {
      return answer.contains("refused") ? "refused: " + text_of_value(answer, "refused")
                                        : std::string("a run");
    };
    return GoldenDifference{"", said(recorded), said(now)};
  }
  if (recorded.contains("refused")) return std::nullopt;
  // Neither says what the method computes, where rounding decides.
  if (recorded.contains("settled") || now.contains("settled")) return std::nullopt;
  for (const char* key : {"engine", "ids_sha256"}) {
    if (FoundDifference other = other_value(recorded, now, key)) return other;
  }
  if (FoundDifference other = other_kept(recorded.at("kept"), now.at("kept"))) return other;
  return other_nll(recorded.at("nll_nats"), now.at("nll_nats"));
}

FoundDifference other_document(const GoldenJson& recorded, const GoldenJson& now) {
  if (FoundDifference other = other_value(recorded, now, "sha256")) return other;
  return other_value(recorded, now, "answers");
}

FoundDifference other_metric_value(const GoldenJson& recorded, const GoldenJson& now) {
  if (FoundDifference other = other_value(recorded, now, "unit")) return other;
  const GoldenJson& a = recorded.at("value");
  const GoldenJson& b = now.at("value");
  if (!a.is_number() || !b.is_number()) return other_value(recorded, now, "value");
  const double largest = std::max(std::abs(a.get<double>()), std::abs(b.get<double>()));
  const double allowed = kGoldenFraction * largest + kGoldenFloor;
  if (std::abs(a.get<double>() - b.get<double>()) <= allowed) return std::nullopt;
  return GoldenDifference{"", exact(a.get<double>()) + ", give or take " + significant(allowed, 2),
                          exact(b.get<double>())};
}

FoundDifference other_answer(const GoldenJson& recorded, const GoldenJson& now) {
  const std::string question = question_of(recorded);
  if (question != question_of(now)) {
    return GoldenDifference{question, "an answer to it", question_of(now)};
  }
  FoundDifference other = recorded.contains("protocol") ? other_method_answer(recorded, now)
                          : recorded.contains("id")     ? other_document(recorded, now)
                                                        : other_metric_value(recorded, now);
  if (other) other->place = question + (other->place.empty() ? "" : ": " + other->place);
  return other;
}

void refuse_other_model(const GoldenJson& recorded, const GoldenJson& now,
                        const std::string& where) {
  for (const auto& [key, hash] : recorded.at("model").items()) {
    if (hash == now.at("model").at(key)) continue;
    throw Error({"the golden answers were recorded on another starter model", where + ": " + key,
                 json_line(now.at("model").at(key)) + ", this Pressroom's", json_line(hash),
                 "whether the plugin answers as it should cannot be said here: take a Pressroom "
                 "with that model, or have the plugin packed again with this one"});
  }
}

}  // namespace

std::vector<Problem> golden_differences(const nlohmann::ordered_json& recorded,
                                        const nlohmann::ordered_json& now,
                                        const std::string& where) {
  const std::string kind = recorded.at("kind").get<std::string>();
  const std::string label = kind + " \"" + recorded.at("name").get<std::string>() + '"';
  for (const char* key : {"kind", "name"}) {
    if (FoundDifference other = other_value(recorded, now, key)) {
      return {{"the golden answers are another plugin's", where + ": " + key, other->got,
               other->expected, "have the bundle made again"}};
    }
  }
  refuse_other_model(recorded, now, where);
  const GoldenJson& before = recorded.at("answers");
  const GoldenJson& after = now.at("answers");
  std::size_t wrong = std::max(before.size(), after.size()) - std::min(before.size(), after.size());
  FoundDifference first;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    FoundDifference other = other_answer(before[i], after[i]);
    if (!other) continue;
    ++wrong;
    if (!first) first = std::move(other);
  }
  if (!first && before.size() != after.size()) {
    first = {"", std::to_string(before.size()) + " answers", std::to_string(after.size())};
  }
  if (!first) first = other_value(recorded, now, "ended");
  if (!first) return {};
  return {{std::to_string(std::max<std::size_t>(wrong, 1)) + " of " +
               counted(static_cast<std::int64_t>(std::max(before.size(), after.size())), "answer",
                       "answers") +
               " of " + label + (wrong > 1 ? " are" : " is") + " not what was recorded",
           where + (first->place.empty() ? "" : ": " + first->place), first->expected, first->got,
           "do not use it for numbers that are compared with others', and tell its author: it "
           "computes something else here than where it was packed"}};
}

}  // namespace pressroom
