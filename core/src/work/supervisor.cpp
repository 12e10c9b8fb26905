#include "work/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "campaign/directory.h"
#include "campaign/shared_plan.h"
#include "lease/lease.h"
#include "pressroom/error.h"
#include "results/campaign_activity.h"
#include "results/plan_json.h"
#include "work/cell_deaths.h"
#include "work/worker_process.h"

namespace pressroom {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kDone = 0;
constexpr int kCellsFailed = 1;
constexpr int kWrongRequest = 2;
constexpr int kInterrupted = 3;

constexpr std::chrono::milliseconds kLook(50);   // at limits, and whether to stop
constexpr std::chrono::seconds kPause(3);        // between two looks: this process was stopped
constexpr std::chrono::seconds kRenewal(15);     // of leases that last a minute
constexpr std::chrono::seconds kPatience(10);    // with a worker that is to stop at once
constexpr std::int64_t kLeastStallOutside = 60;  // seconds, of any cell
// In a row: then it is not the methods, or not what may pass by.
constexpr int kKillsWithoutACell = 50;
constexpr int kCrashesWithoutACell = 5;

std::string stem_of(const PlannedFile& planned) {
  return std::filesystem::path(planned.file).stem().string();
}

Problem problem_in(const nlohmann::json& message) {
  return {message.at("what"), message.at("where"), message.at("expected"), message.at("got"),
          message.at("do")};
}

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

class Supervisor {
 public:
  Supervisor(const SupervisorSettings& settings, const WorkerBody& body, CampaignObserver& observer,
             const std::function<Stop()>& stop_requested,
             const std::function<void(const std::string& text)>& print,
             const std::function<void(const Problem& problem)>& complain)
      : settings_(settings),
        body_(body),
        observer_(observer),
        stop_requested_(stop_requested),
        print_(print),
        complain_(complain) {}

  int run() {
    for (std::int64_t i = 0; i < settings_.workers; ++i) {
      workers_.push_back(std::make_unique<WorkerProcess>(static_cast<std::size_t>(i)));
    }
    // The others have nothing to work on before the first has planned.
    start(*workers_.front());
    while (any_running()) {
      wait_for_news();
      forgive_a_pause();
      pass_on_stop();
      for (const auto& worker : workers_) {
        if (!worker->is_running()) continue;
        listen(*worker);
        observer_.on_tokens(worker->new_tokens());
        look_at_limits(*worker);
        tell_if_long(*worker);
        if (worker->has_ended()) bury(*worker);
      }
      renew_leases();
    }
    if (at_work_) at_work_->release();
    if (code_ == kInterrupted) throw Interrupted();
    return code_;
  }

 private:
  bool any_running() const {
    return std::any_of(workers_.begin(), workers_.end(),
                       [](const auto& worker) { return worker->is_running(); });
  }

  void start(WorkerProcess& worker) {
    WorkerTask task;
    task.plans = settings_.plans && !is_planned_;
    task.finishes = worker.number() == 0;
    task.first_cell = static_cast<double>(worker.number()) / static_cast<double>(settings_.workers);
    if (is_planned_) task.directory = directory_;
    task.threads = threads_;
    worker.start(task, body_);
  }

  // In place of one that has ended. Where no other process can be had now, those that run go on.
  void replace(WorkerProcess& worker) {
    try {
      start(worker);
    } catch (const Error& error) {
      if (!any_running()) throw;
      for (const Problem& problem : error.problems()) complain_(problem);
    }
  }

  void wait_for_news() const {
    std::vector<pollfd> pipes;
    for (const auto& worker : workers_) {
      if (!worker->is_running()) continue;
      pipes.push_back({worker->message_pipe(), POLLIN, 0});
      pipes.push_back({worker->output_pipe(), POLLIN, 0});
    }
    ::poll(pipes.data(), pipes.size(), static_cast<int>(kLook.count()));
    // Closed by a worker that has ended, a pipe is news again and again until it is buried.
  }

  void listen(WorkerProcess& worker) {
    for (const nlohmann::json& message : worker.read_messages()) {
      try {
        take(worker, message);
      } catch (const nlohmann::json::exception&) {
        // A plugin wrote it: what the worker sends has its fields.
      }
    }
    worker.take_output();
  }

  void take(WorkerProcess& worker, const nlohmann::json& message) {
    const std::string event = message.at("event");
    if (event == "limits") {
      // Of the first worker, which has them from the user.
      if (std::exchange(has_limits_, true)) return;
      threads_ = message.at("threads");
      limits_ = {message.at("seconds"), message.at("stall_seconds"), message.at("memory_mb")};
      retries_ = message.at("retries");
    } else if (event == "leases") {
      worker.lease_file = message.at("file").get<std::string>();
      if (directory_.empty()) directory_ = worker.lease_file.parent_path().parent_path();
    } else if (event == "plan") {
      take_plan(message.at("cells"), message.at("tokens"));
    } else if (event == "begin") {
      worker.cell = CellInWork{message.at("index"), Clock::now()};
      if (worker.cell->index < plan_.cells.size()) {
        observer_.on_cell_begin(worker.cell->index, plan_.cells[worker.cell->index].cell);
      }
    } else if (event == "dropped") {
      if (worker.cell && worker.cell->index == message.at("index")) worker.cell.reset();
      observer_.on_cell_dropped(message.at("index"));
    } else if (event == "again") {
      observer_.on_cell_again(message.at("why"));
    } else if (event == "end") {
      take_end(worker, message);
    } else if (event == "message" || event == "note") {
      // All workers of a machine find the same things worth saying.
      const std::string text = message.at("text");
      if (!said_.insert(text).second) return;
      if (event == "note") {
        observer_.on_note(text);
      } else {
        observer_.on_message(text);
      }
    } else if (event == "load") {
      if (worker.number() == 0) observer_.on_load(message.at("done"), message.at("total"));
    } else if (event == "table") {
      print_(message.at("text"));
    } else if (event == "ask") {
      const std::optional<bool> answer =
          settings_.answer ? settings_.answer(message.at("text")) : std::optional<bool>(false);
      if (answer) worker.board().answer = *answer ? UserAnswer::kYes : UserAnswer::kNo;
    } else if (event == "problem") {
      complain_(problem_in(message));
    } else if (event == "trial") {
      const bool survived = !message.contains("what");
      if (settings_.on_trial) {
        settings_.on_trial(message.at("kind"), message.at("name"),
                           survived ? std::nullopt : std::optional<Problem>(problem_in(message)));
      }
    } else if (event == "done") {
      worker.is_done = true;
      worker.code = message.at("code");
    }
  }

  void take_plan(std::size_t cells, std::int64_t tokens) {
    if (is_planned_) return;
    is_planned_ = true;
    plan_ = read_plan(directory_);
    for (PlannedFile& planned : plan_.cells) {
      // The plan does not say which of the two the cells are told apart by; their names do.
      planned.cell.by_budget = stem_of(planned) != planned.cell.file_stem();
    }
    records_.emplace(directory_);
    deaths_.emplace(*records_, plan_, retries_);
    observer_.on_plan(cells, tokens);
    std::vector<std::string> names;
    for (const PlannedFile& planned : plan_.cells) names.push_back(lease_name(planned.file));
    for (const auto& worker : workers_) worker->log().set_folder(directory_ / "logs", names);
    // While a worker is being replaced, none of them says that the run goes on.
    leases_.emplace(directory_ / "leases", std::chrono::seconds(60));
    at_work_ = leases_->claim(work_on(plan_.run) + "supervisor-" + std::to_string(::getpid()));
    for (const auto& worker : workers_) {
      if (!worker->is_running() && worker->number() > 0) start(*worker);
    }
  }

  void take_end(WorkerProcess& worker, const nlohmann::json& message) {
    const bool reused = message.at("reused");
    CellResult result;
    result.seconds = message.at("seconds");
    result.error = message.at("error");
    if (const auto found = message.find("perplexity");
        found != message.end() && found->is_number()) {
      result.metrics.push_back({"perplexity", *found, "", Direction::kLowerIsBetter, ""});
    }
    if (!reused) deaths_in_a_row_ = 0;
    // The next cell may have begun while this one was stored.
    if (!reused && worker.cell && worker.cell->index == message.at("index")) {
      worker.cell.reset();
    }
    tell_end(message.at("index"), result, reused);
  }

  // Each cell once, though every worker comes by it.
  void tell_end(std::size_t index, CellResult& result, bool reused) {
    if (index >= plan_.cells.size() || !ended_.insert(index).second) return;
    result.cell = plan_.cells[index].cell;
    observer_.on_cell_end(index, result, reused);
  }

  void look_at_limits(WorkerProcess& worker) {
    if (worker.is_done) return;
    if (!worker.cell) {
      // Planning and loading take what they take, unless it is a plugin that does not return; and
      // what is short for a step of a cell may be short for loading a library.
      const std::int64_t most = std::max(limits_.stall_seconds, kLeastStallOutside);
      const bool is_in_plugin = longest_in_plugin(worker.board().pulse) != nullptr;
      if (is_in_plugin && limits_.stall_seconds > 0 &&
          seconds_since(worker.moved_at()) > static_cast<double>(most)) {
        worker.kill(Limit::kStall, most);
      }
      return;
    }
    const Clock::time_point moved = std::max(worker.moved_at(), worker.cell->begun);
    if (limits_.seconds > 0 && seconds_since(worker.cell->begun) > limits_.seconds) {
      worker.kill(Limit::kSeconds, limits_.seconds);
    } else if (limits_.stall_seconds > 0 && seconds_since(moved) > limits_.stall_seconds) {
      worker.kill(Limit::kStall, limits_.stall_seconds);
    } else if (limits_.memory_mb > 0 && worker.memory_mb() > limits_.memory_mb) {
      worker.kill(Limit::kMemory, limits_.memory_mb);
    }
  }

  // For whoever watches from another process: nothing else says since when a cell runs.
  void tell_if_long(WorkerProcess& worker) {
    if (!worker.cell || worker.cell->is_told || !records_) return;
    if (worker.cell->index >= plan_.cells.size()) return;
    if (seconds_since(worker.cell->begun) < static_cast<double>(kLongCellSeconds)) return;
    worker.cell->is_told = true;
    try {
      records_->log_event(
          {{"event", "cell runs"}, {"lease", lease_name(plan_.cells[worker.cell->index].file)}},
          Sync::kLater);
    } catch (const Error&) {  // the cell's own result will tell of a full disk
    }
  }

  // The process of `worker` has ended, and holds its leases until it is reaped: nobody else tries
  // the cell meanwhile.
  void bury(WorkerProcess& worker) {
    listen(worker);  // what it said last
    if (worker.is_done) {
      worker.reap();
      if (worker.code == kReplaceWorker && stop_ == Stop::kNone) return replace(worker);
      if (worker.code == kReplaceWorker) worker.code = kInterrupted;
      // The worst that any worker came to: a campaign that cannot be run, then an interruption,
      // then cells that failed.
      if (code_ != kWrongRequest && worker.code != kDone) {
        const bool is_worse = worker.code == kWrongRequest || code_ != kInterrupted;
        if (is_worse) code_ = worker.code;
      }
      // Without a plan there is nothing for the others; with one they may go on, here or elsewhere.
      if (worker.code == kWrongRequest && !is_planned_) stop_all(Stop::kNow);
      return;
    }
    const Death death = worker.death();
    const std::optional<CellInWork> cell = worker.cell;
    if (cell && deaths_ && stop_ == Stop::kNone) fail(worker, *cell);
    worker.reap();
    if (leases_) leases_->sweep();  // what it has left
    if (stop_ != Stop::kNone) {
      if (code_ == kDone || code_ == kCellsFailed) code_ = kInterrupted;
      return;
    }
    if (!cell && !is_worth_another(worker, death)) return;
    replace(worker);
  }

  void fail(WorkerProcess& worker, const CellInWork& cell) {
    std::optional<CellResult> failed = deaths_->take(worker, cell);
    if (!failed) return;
    tell_end(cell.index, *failed, false);
    const std::string& method = plan_.cells[cell.index].cell.method;
    if (!deaths_->is_enough(method)) return;
    for (const auto& each : workers_) put_aside(method, each->board());
  }

  // Of a worker that died outside of any cell: while it began, planned or finished.
  bool is_worth_another(WorkerProcess& worker, const Death& death) {
    const int most = may_pass_by(death) ? kKillsWithoutACell : kCrashesWithoutACell;
    if ((is_planned_ || may_pass_by(death)) && ++deaths_in_a_row_ < most) return true;
    Problem problem = problem_of(death, worker.board(), worker.log());
    problem.what += is_planned_ ? ", outside of any cell" : ", before the campaign was planned";
    complain_(problem);
    code_ = kWrongRequest;
    stop_all(Stop::kNow);
    return false;
  }

  // Stopped as a whole, by Ctrl-Z or a scheduler, no worker has run either.
  void forgive_a_pause() {
    const Clock::time_point now = Clock::now();
    const Clock::duration pause = now - std::exchange(looked_, now);
    if (pause < kPause) return;
    for (const auto& worker : workers_) worker->forgive(pause);
  }

  void stop_all(Stop how) {
    stop_ = std::max(stop_, how);
    stopping_since_ = Clock::now();
    for (const auto& worker : workers_) worker->board().stop = stop_;
  }

  void pass_on_stop() {
    const Stop asked = stop_requested_();
    if (asked > stop_) stop_all(asked);
    if (stop_ == Stop::kNone) return;
    const double waited = seconds_since(stopping_since_);
    if (stop_ == Stop::kAfterCell && waited > static_cast<double>(settings_.grace.count())) {
      stop_all(Stop::kNow);
      return;
    }
    if (stop_ != Stop::kNow || waited < static_cast<double>(kPatience.count())) return;
    // Inside a plugin, where nothing asks.
    for (const auto& worker : workers_) {
      if (worker->is_running() && !worker->is_done) worker->kill(Limit::kNone, 0);
    }
  }

  // A worker may be inside a plugin for longer than its leases last.
  void renew_leases() {
    if (Clock::now() - renewed_ < kRenewal) return;
    renewed_ = Clock::now();
    if (leases_) leases_->renew();
    for (const auto& worker : workers_) {
      if (!worker->is_running() || worker->lease_file.empty()) continue;
      ::utimensat(AT_FDCWD, worker->lease_file.c_str(), nullptr, 0);
    }
  }

  const SupervisorSettings& settings_;
  const WorkerBody& body_;
  CampaignObserver& observer_;
  const std::function<Stop()>& stop_requested_;
  const std::function<void(const std::string& text)>& print_;
  const std::function<void(const Problem& problem)>& complain_;
  std::vector<std::unique_ptr<WorkerProcess>> workers_;
  std::filesystem::path directory_;    // the campaign's, once a worker has begun in it
  std::optional<LeaseFolder> leases_;  // once it is planned
  std::optional<Lease> at_work_;
  std::int64_t threads_ = 0;
  bool has_limits_ = false;
  bool is_planned_ = false;
  StoredPlan plan_;
  CellLimits limits_;
  std::int64_t retries_ = 1;
  std::optional<CampaignDirectory> records_;  // once it is planned
  std::optional<CellDeaths> deaths_;          // likewise
  int deaths_in_a_row_ = 0;                   // outside of cells
  std::set<std::string> said_;
  std::set<std::size_t> ended_;  // cells, by their index in the plan
  Stop stop_ = Stop::kNone;
  Clock::time_point stopping_since_;
  Clock::time_point renewed_ = Clock::now();
  Clock::time_point looked_ = Clock::now();
  int code_ = kDone;
};

}  // namespace

int supervise(const SupervisorSettings& settings, const WorkerBody& body,
              CampaignObserver& observer, const std::function<Stop()>& stop_requested,
              const std::function<void(const std::string& text)>& print,
              const std::function<void(const Problem& problem)>& complain) {
  return Supervisor(settings, body, observer, stop_requested, print, complain).run();
}

}  // namespace pressroom
