#include "campaign/repeat_window.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "pressroom/error.h"
#include "protocol/plan_facts.h"

namespace pressroom {
namespace {

constexpr const char* kDrawByKey =
    "draw random numbers from PolicyContext::random, a RandomKey (pressroom/random.h), and from no "
    "generator that goes on from call to call: rand(), std::random_device, libtorch's own";

// An entry that left at another step, or in one run only; the first of a layer by step.
struct Parting {
  std::int32_t step = kNeverLeaves;  // the earlier of the two
  std::size_t head = 0;
  std::size_t position = 0;
};

std::optional<Parting> first_parting(const std::vector<Departures>& a,
                                     const std::vector<Departures>& b) {
  std::optional<Parting> first;
  for (std::size_t head = 0; head < a.size(); ++head) {
    for (std::size_t j = 0; j < a[head].left_after.size(); ++j) {
      const auto [step, later] = std::minmax(a[head].left_after[j], b[head].left_after[j]);
      if (step == later) continue;
      if (!first || std::tie(step, head) < std::tie(first->step, first->head)) {
        first = Parting{step, head, j};
      }
    }
  }
  return first;
}

}  // namespace

bool may_draw(const PlannedCell& planned) {
  if (!asks_policy(planned.plan)) return false;
  return !uses_budget(planned.plan) || planned.cell.budget_tokens < planned.cell.context_tokens;
}

void check_repeats(const WindowRun& window, const RunSettings& settings,
                   const TokenDocument& document, const DocumentRun& first) {
  RunSettings again = settings;
  again.keep_hidden = false;
  RunControl silent;
  silent.stop_requested = window.control.stop_requested;
  const DocumentRun second =
      run_documents(window.engine, window.model, window.method, again, {document}, silent).front();
  // A layer depends on those below it alone: the lowest that differs is where it began.
  for (std::size_t layer = 0; layer < first.departures.size(); ++layer) {
    const std::optional<Parting> parting =
        first_parting(first.departures[layer], second.departures[layer]);
    if (!parting) continue;
    throw Error(
        {settings.method + " keeps other entries when a window is run again",
         document.id + ", layer " + std::to_string(layer) + ", kv head " +
             std::to_string(parting->head) + ", step " + std::to_string(parting->step),
         "the same entries at every run, so that a result can be had again",
         "the entry of position " + std::to_string(parting->position) + " left in one run of two",
         kDrawByKey});
  }
  if (!settings.plan.zeroes_channels || second.nll_nats == first.nll_nats) return;
  throw Error({settings.method + " zeroes other channels when a window is run again", document.id,
               "the same nll at every run, so that a result can be had again", "another nll",
               kDrawByKey});
}

std::set<std::string> repeated_methods(const std::filesystem::path& events) {
  std::set<std::string> methods;
  std::ifstream lines(events, std::ios::binary);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"repeated\"") == std::string::npos) continue;
    const auto event = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!event.is_object() || event.value("event", nlohmann::json()) != "repeated") continue;
    const auto hash = event.find("sha256");
    if (hash != event.end() && hash->is_string()) methods.insert(hash->get<std::string>());
  }
  return methods;
}

}  // namespace pressroom
