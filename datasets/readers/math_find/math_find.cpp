#include <algorithm>
#include <set>

#include "pressroom/made_reader.h"
#include "pressroom/plugin.h"

namespace pressroom {
namespace {

// What can be asked for, and the place of the answer among `count` ascending numbers.
struct Statistic {
  const char* name;
  std::size_t (*place)(std::size_t count);
};

constexpr Statistic kStatistics[] = {
    {"largest number", [](std::size_t count) { return count - 1; }},
    {"second largest number", [](std::size_t count) { return count - 2; }},
    {"third largest number", [](std::size_t count) { return count - 3; }},
    {"smallest number", [](std::size_t) { return std::size_t{0}; }},
    {"second smallest number", [](std::size_t) { return std::size_t{1}; }},
    {"third smallest number", [](std::size_t) { return std::size_t{2}; }},
    {"median", [](std::size_t count) { return count / 2; }}};
constexpr std::size_t kStatisticCount = sizeof(kStatistics) / sizeof(kStatistics[0]);

// Different whole numbers with a given number of digits.
class Numbers {
 public:
  Numbers(RandomKey key, std::int64_t digits) : key_(key) {
    for (std::int64_t d = 1; d < digits; ++d) lowest_ *= 10;
  }

  // Half of all there are: few draws are in vain.
  std::size_t most() const { return 9 * lowest_ / 2; }

  std::vector<std::uint64_t> first(std::size_t count) {
    while (numbers_.size() < count) {
      const RandomKey key = key_.with(numbers_.size());
      std::uint64_t number = 0;
      for (int draw = 0; number == 0; ++draw) {
        const std::uint64_t drawn = lowest_ + key.with(draw).below(9 * lowest_);
        if (known_.insert(drawn).second) number = drawn;
      }
      numbers_.push_back(number);
    }
    return {numbers_.begin(), numbers_.begin() + static_cast<std::ptrdiff_t>(count)};
  }

 private:
  RandomKey key_;
  std::uint64_t lowest_ = 1;
  std::vector<std::uint64_t> numbers_;  // as far as they were asked for
  std::set<std::uint64_t> known_;
};

}  // namespace

// A long list of numbers, and questions for its largest, its median and the like.
struct MathFind final : MadeReader<MathFind> {
  std::int64_t questions = 0, digits = 0;

  static Declaration<MathFind> declare() {
    return declare_made("made documents: a long list of numbers, questions for its largest ...")
        .paper("Li et al., SCBench, ICLR 2025, arXiv 2412.10319")
        .parameter(&MathFind::questions,
                   integer("questions", 5,
                           "of a document, drawn from the three largest, the three smallest and "
                           "the median")
                       .at_least(1)
                       .at_most(kStatisticCount))
        .parameter(&MathFind::digits,
                   integer("digits", 5, "of each number").at_least(2).at_most(9));
  }

 protected:
  Document make(std::int64_t index) const override {
    const RandomKey key = document_key("math_find", index);
    Numbers numbers(key.with("numbers"), digits);
    const std::vector<std::size_t> asked =
        draw_distinct(key.with("questions"), kStatisticCount, static_cast<std::size_t>(questions));
    // Behind the first number they come in twos, so that one is the median.
    Document document = fitted(
        3, (numbers.most() - 1) / 2, "pairs of numbers",
        [&](std::size_t pairs) { return with_numbers(numbers.first(1 + 2 * pairs), asked); });
    document.id = "math_find-" + std::to_string(index);
    return document;
  }

 private:
  static Document with_numbers(const std::vector<std::uint64_t>& numbers,
                               const std::vector<std::size_t>& asked) {
    std::vector<std::size_t> ascending(numbers.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) ascending[i] = i;
    std::sort(ascending.begin(), ascending.end(),
              [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
    Document document;
    append(document, "Below is a list of numbers. Answer the questions about it.", "instruction");
    append(document, "\n\n");
    const std::size_t begin = document.text.size();
    std::vector<std::size_t> ends;
    for (const std::uint64_t number : numbers) {
      append(document, (ends.empty() ? "[" : ", ") + std::to_string(number));
      ends.push_back(document.text.size());
    }
    append(document, "]");
    mark(document, "context", begin, document.text.size());
    document.context_end = document.text.size();
    for (std::size_t q = 0; q < asked.size(); ++q) {
      const Statistic& statistic = kStatistics[asked[q]];
      const std::size_t found = ascending[statistic.place(numbers.size())];
      const std::string text = std::to_string(numbers[found]);
      mark(document, "evidence", ends[found] - text.size(), ends[found],
           static_cast<std::int64_t>(q));
      ask(document, std::string("\n\nThe ") + statistic.name + " of the list is:", ' ' + text);
    }
    document.stop = {"\n"};
    document.provenance = "numbers: " + std::to_string(numbers.size());
    return document;
  }
};

}  // namespace pressroom

PRESSROOM_DATASET(pressroom::MathFind, "math_find", "1.0.0")
