#include "countdown.h"

#include <algorithm>
#include <set>

#include "pressroom/error.h"

namespace pressroom {
namespace {

std::string state_of(const std::vector<std::uint64_t>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::string(1, static_cast<char>('A' + i)) + '=' +
            std::to_string(values[i]);
  }
  return text;
}

// Start values from which it takes `steps` steps: every counter is given a share of them, and a
// value that is used up at its last.
std::vector<std::uint64_t> start_values(RandomKey key, const std::vector<std::uint64_t>& amounts,
                                        std::size_t steps) {
  std::vector<std::uint64_t> turns(amounts.size(), 1);
  for (std::size_t step = amounts.size(); step < steps; ++step) {
    ++turns[key.with("turns").with(step).below(amounts.size())];
  }
  std::vector<std::uint64_t> values;
  for (std::size_t i = 0; i < amounts.size(); ++i) {
    values.push_back(turns[i] * amounts[i] - key.with("rest").with(i).below(amounts[i]));
  }
  return values;
}

// Values that are not in `starts` yet, into which they are put.
std::vector<std::uint64_t> new_start_values(RandomKey key,
                                            const std::vector<std::uint64_t>& amounts,
                                            std::size_t steps,
                                            std::set<std::vector<std::uint64_t>>& starts) {
  for (int draw = 0; draw < 1000; ++draw) {
    const std::vector<std::uint64_t> values = start_values(key.with(draw), amounts, steps);
    if (starts.insert(values).second) return values;
  }
  throw Error({"there are not enough starts from which a countdown takes so many steps", "",
               "a new one for each question", std::to_string(starts.size()) + " of them",
               "raise \"counters\" or \"steps\", or lower \"questions\""});
}

std::vector<std::string> lines_from(std::vector<std::uint64_t> values,
                                    const std::vector<std::uint64_t>& amounts) {
  std::vector<std::string> lines;
  const auto is_down = [&] {
    return std::all_of(values.begin(), values.end(), [](std::uint64_t v) { return v == 0; });
  };
  for (std::size_t turn = 0; !is_down(); turn = (turn + 1) % values.size()) {
    std::uint64_t& value = values[turn];
    if (value == 0) continue;
    value -= std::min(value, amounts[turn]);
    lines.push_back("Step " + std::to_string(lines.size() + 1) + ": " + state_of(values) + '.');
  }
  return lines;
}

}  // namespace

Procedure countdown(RandomKey key, std::size_t counters, std::size_t steps, std::size_t runs) {
  PRESSROOM_ASSERT(0 < counters && counters <= 26 && counters <= steps);
  Procedure down;
  down.instruction =
      "Below are counters and what each is lowered by. They are lowered in turn, A first, one at "
      "each step and none below 0; a counter that is at 0 is passed over. It ends when all are at "
      "0. Write one line for each step: the values of all counters after it.";
  std::vector<std::uint64_t> amounts;
  for (std::size_t i = 0; i < counters; ++i) {
    amounts.push_back(2 + key.with("amount").with(i).below(8));
    if (i > 0) down.rules += '\n';
    down.rules += std::string(1, static_cast<char>('A' + i)) + " is lowered by " +
                  std::to_string(amounts[i]) + '.';
  }
  down.question = "Countdown from";
  std::set<std::vector<std::uint64_t>> starts;
  for (std::size_t run = 0; run < runs; ++run) {
    const std::vector<std::uint64_t> values =
        new_start_values(key.with("run").with(run), amounts, steps, starts);
    down.runs.push_back({state_of(values), lines_from(values, amounts)});
  }
  return down;
}

}  // namespace pressroom
