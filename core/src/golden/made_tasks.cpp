#include "golden/made_tasks.h"

#include <array>
#include <string>

#include "pressroom/random.h"

namespace pressroom {
namespace {

constexpr std::array<const char*, 12> kNames = {"Ada",   "Boris", "Clara", "David",
                                                "Emma",  "Frank", "Grace", "Henry",
                                                "Irene", "James", "Kate",  "Louis"};

std::string number_of(const RandomKey& key) {
  constexpr int kFirst = 1000;
  constexpr int kNumbers = 9000;  // of four digits
  return std::to_string(kFirst + static_cast<int>(key.uniform() * kNumbers));
}

std::string asked(const char* name) { return std::string("The number of ") + name + " is "; }

}  // namespace

PluginInfo MadeTasks::describe() const { return {}; }

void MadeTasks::configure(const Parameters& /*none*/) {}

std::optional<Document> MadeTasks::next() {
  if (made_ == kDocuments) return std::nullopt;
  const RandomKey key = RandomKey(0).with("golden tasks").with(made_);
  Document document;
  document.id = "made-" + std::to_string(++made_);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    document.text += asked(kNames[i]) + number_of(key.with(static_cast<std::int64_t>(i))) + ". ";
  }
  const auto again = static_cast<std::size_t>(key.with("asked").uniform() * kNames.size());
  document.text += asked(kNames[again]);
  const std::string answer = number_of(key.with(static_cast<std::int64_t>(again)));
  document.answers = {{document.text.size(), document.text.size() + answer.size()}};
  document.text += answer;
  return document;
}

}  // namespace pressroom
