#include "work/worker_link.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <new>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>
#include <utility>

#include "base/json_text.h"
#include "results/metric_names.h"
#include "work/worker_log.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::milliseconds kLookForAnswer(20);

// Never 0.
std::uint64_t short_name(const std::string& method) { return std::hash<std::string>()(method) | 1; }

static_assert(std::atomic<std::int64_t>::is_always_lock_free, "boards work between processes");

nlohmann::ordered_json problem_json(const Problem& problem) {
  return {{"what", problem.what},
          {"where", problem.where},
          {"expected", problem.expected},
          {"got", problem.got},
          {"do", problem.fix}};
}

}  // namespace

WorkerBoard* make_board() {
  void* const memory = ::mmap(nullptr, sizeof(WorkerBoard), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw Error({"there is no memory for a worker's board", "",
                 std::to_string(sizeof(WorkerBoard)) + " bytes",
                 std::generic_category().message(errno), "run fewer workers"});
  }
  return new (memory) WorkerBoard;
}

WorkerLink::WorkerLink(WorkerBoard* board, int pipe) : board_(board), pipe_(pipe) {}

void WorkerLink::send(const Json& message) {
  const std::string line = json_line(message) + '\n';
  const std::lock_guard<std::mutex> lock(mutex_);
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t count = ::write(pipe_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return;  // the supervisor is gone, and this process will be in an instant
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

void WorkerLink::on_leases(const std::filesystem::path& file) {
  send({{"event", "leases"}, {"file", file.string()}});
}

void WorkerLink::on_message(const std::string& text) {
  send({{"event", "message"}, {"text", text}});
}

void WorkerLink::on_note(const std::string& text) { send({{"event", "note"}, {"text", text}}); }

void WorkerLink::on_load(std::int64_t done, std::int64_t total) {
  beat();
  send({{"event", "load"}, {"done", done}, {"total", total}});
}

void WorkerLink::on_plan(std::size_t cells, std::int64_t tokens) {
  send({{"event", "plan"}, {"cells", cells}, {"tokens", tokens}});
}

void WorkerLink::on_cell_begin(std::size_t index, const Cell& cell) {
  note_exits();  // before what earlier cells may have registered
  write_marker(index);
  send({{"event", "begin"}, {"index", index}, {"cell", cell.file_stem()}});
}

void WorkerLink::on_cell_dropped(std::size_t index) {
  send({{"event", "dropped"}, {"index", index}});
}

void WorkerLink::on_cell_again(const std::string& why) { send({{"event", "again"}, {"why", why}}); }

void WorkerLink::on_cell_end(std::size_t index, const CellResult& result, bool reused) {
  Json message = {{"event", "end"},
                  {"index", index},
                  {"reused", reused},
                  {"seconds", result.seconds},
                  {"error", result.error}};
  const MetricValue* perplexity = result.metric(metric_names::kPerplexity);
  if (perplexity != nullptr) message["perplexity"] = perplexity->value;
  send(message);
}

bool WorkerLink::stop_requested() {
  beat();
  return board_->stop.load(std::memory_order_relaxed) == Stop::kNow;
}

bool WorkerLink::no_more_cells() { return board_->stop != Stop::kNone; }

std::string WorkerLink::put_aside(const std::string& method) {
  const std::uint64_t name = short_name(method);
  for (const std::atomic<std::uint64_t>& aside : board_->aside) {
    if (aside == name) return kPutAside;
  }
  return "";
}

void put_aside(const std::string& method, WorkerBoard& board) {
  const std::uint64_t name = short_name(method);
  for (std::atomic<std::uint64_t>& aside : board.aside) {
    std::uint64_t none = 0;
    if (aside == name || aside.compare_exchange_strong(none, name)) return;
  }
}

void WorkerLink::limits(const CampaignConfig& config) {
  send({{"event", "limits"},
        {"seconds", config.limits.seconds},
        {"stall_seconds", config.limits.stall_seconds},
        {"memory_mb", config.limits.memory_mb},
        {"retries", config.retries},
        {"threads", config.threads}});
}

void WorkerLink::table(const std::string& text) { send({{"event", "table"}, {"text", text}}); }

bool WorkerLink::ask(const std::string& text) {
  send({{"event", "ask"}, {"text", text}});
  while (board_->answer == UserAnswer::kNone) {
    if (stop_requested()) throw Interrupted();
    std::this_thread::sleep_for(kLookForAnswer);
  }
  return board_->answer == UserAnswer::kYes;
}

void WorkerLink::problem(const Problem& problem) {
  nlohmann::ordered_json message = {{"event", "problem"}};
  message.update(problem_json(problem));
  send(message);
}

void WorkerLink::trial(const std::string& kind, const std::string& name,
                       const std::optional<Problem>& problem) {
  nlohmann::ordered_json message = {{"event", "trial"}, {"kind", kind}, {"name", name}};
  if (problem) message.update(problem_json(*problem));
  send(message);
}

void WorkerLink::done(int code) { send({{"event", "done"}, {"code", code}}); }

std::vector<nlohmann::json> MessageReader::read(int pipe) {
  std::vector<nlohmann::json> messages;
  char chunk[16384];
  for (;;) {
    const ssize_t count = ::read(pipe, chunk, sizeof(chunk));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    rest_.append(chunk, static_cast<std::size_t>(count));
  }
  std::size_t begin = 0;
  for (std::size_t end; (end = rest_.find('\n', begin)) != std::string::npos; begin = end + 1) {
    nlohmann::json message =
        nlohmann::json::parse(rest_.begin() + static_cast<std::ptrdiff_t>(begin),
                              rest_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (message.is_object() && message.contains("event")) messages.push_back(std::move(message));
  }
  rest_.erase(0, begin);
  return messages;
}

}  // namespace pressroom
