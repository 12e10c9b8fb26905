#include "campaign/cell_checks.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/whole_file.h"
#include "engine/cache/violations.h"
#include "engine/parting.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

bool keeps_everything(const CellResult& result) {
  return result.cell.budget_tokens >= result.cell.context_tokens;
}

void check_equal(const CellResult& a, const CellResult& b) {
  for (std::size_t i = 0; i < a.documents.size(); ++i) {
    const double difference =
        std::abs(a.documents[i].mean_nll_nats() - b.documents[i].mean_nll_nats());
    const double tolerance = engine_tolerance(a.cell.kv_dtype);
    if (difference <= tolerance) continue;
    violated("I1 a budget of everything gives the dense nll",
             a.documents[i].id + ", against " + b.cell.file_stem(),
             "a mean nll within " + std::to_string(tolerance),
             "a difference of " + std::to_string(difference));
  }
}

}  // namespace

void check_against(const CellResult& result, const std::vector<CellResult>& others) {
  for (const CellResult& other : others) {
    if (other.documents.size() != result.documents.size()) continue;
    // Rounded otherwise, the same entries say something else.
    if (other.cell.kv_dtype != result.cell.kv_dtype) continue;
    if (keeps_everything(result) && keeps_everything(other)) check_equal(result, other);
  }
}

namespace {

constexpr const char* kDrawByKey =
    "draw random numbers from PolicyContext::random, a RandomKey (pressroom/random.h), and from no "
    "generator that goes on from call to call: rand(), std::random_device, libtorch's own";

}  // namespace

bool may_draw(const PlannedCell& planned) {
  if (!asks_policy(planned.plan)) return false;
  return !is_held_to_budget(planned.plan) ||
         planned.cell.budget_tokens < planned.cell.context_tokens;
}

void check_repeats(const WindowRun& window, const RunSettings& settings,
                   const TokenDocument& document, const DocumentRun& first) {
  RunSettings again = settings;
  again.keep_hidden = false;
  again.keep_distributions = false;
  RunControl silent;
  silent.stop_requested = window.control.stop_requested;
  const DocumentRun second =
      run_documents(window.engine, window.model, window.method, again, {document}, silent).front();
  if (const std::optional<Parting> parting = first_parting(first, second)) {
    throw Error({settings.method + " keeps other entries when a window is run again",
                 document.id + ", layer " + std::to_string(parting->layer) + ", kv head " +
                     std::to_string(parting->head) + ", step " + std::to_string(parting->step),
                 "the same entries at every run, so that a result can be had again",
                 "the entry of position " + std::to_string(parting->entries.front().position) +
                     " left in one run of two",
                 kDrawByKey});
  }
  if (!settings.plan.zeroes_channels || second.nll_nats == first.nll_nats) return;
  throw Error({settings.method + " zeroes other channels when a window is run again", document.id,
               "the same nll at every run, so that a result can be had again", "another nll",
               kDrawByKey});
}

std::set<std::string> repeated_methods(const std::filesystem::path& events) {
  std::set<std::string> methods;
  std::istringstream lines(text_of_file(events));
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
