#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <iostream>
#include <sstream>
#include <thread>

#include "base/utf8.h"
#include "command.h"
#include "pressroom/error.h"
#include "report/watch.h"
#include "report/write_report.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using Clock = std::chrono::steady_clock;

// Reading a large campaign takes at most this share of the time.
constexpr int kPausesPerReading = 10;

struct WatchOptions {
  fs::path directory;
  std::chrono::seconds interval{5};
  bool once = false;
  bool wait = false;
  bool report = false;
};

// Standard output: on a terminal each text replaces the one before, elsewhere it follows it.
class Screen {
 public:
  explicit Screen(bool moving) : moving_(moving) {}

  void show(const std::string& text) {
    if (!moving_) {
      std::cout << (any_ ? "\n" : "") << text << std::flush;
    } else {
      // Long lines end at the edge while this is drawn.
      std::cout << "\x1b[H\x1b[2J\x1b[?7l" << what_fits(text) << "\x1b[?7h" << std::flush;
    }
    any_ = true;
  }

  // The last text, whole.
  void leave(const std::string& text) {
    if (moving_) std::cout << "\x1b[H\x1b[2J" << text << std::flush;
  }

 private:
  static std::string what_fits(const std::string& text) {
    winsize size = {};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 3) return text;
    std::istringstream lines(text);
    std::string line;
    std::string shown;
    int left = size.ws_row - 2;
    while (left-- > 0 && std::getline(lines, line)) shown += line + '\n';
    int more = 0;
    while (std::getline(lines, line)) ++more;
    if (more > 0) shown += "... " + std::to_string(more) + " more lines at the end\n";
    return shown;
  }

  const bool moving_;
  bool any_ = false;
};

// False when the user wants to stop.
bool pause(Clock::duration time) {
  const Clock::time_point end = Clock::now() + time;
  while (Clock::now() < end) {
    if (stop_was_requested()) return false;
    std::this_thread::sleep_for(
        std::min<Clock::duration>(std::chrono::milliseconds(50), end - Clock::now()));
  }
  return !stop_was_requested();
}

// A run that starts anew may write a file between two that are read: a second look tells.
StoredCampaign read_steadily(const fs::path& directory) {
  try {
    return read_campaign(directory);
  } catch (const Error&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    return read_campaign(directory);
  }
}

bool wait_for_plan(const WatchOptions& options) {
  if (!options.wait || fs::exists(options.directory / "plan.json")) return true;
  spdlog::info("waiting for a campaign in {}", options.directory.string());
  while (!fs::exists(options.directory / "plan.json")) {
    if (!pause(options.interval)) return false;
  }
  return true;
}

int exit_code(const StoredCampaign& campaign, const CampaignView& view) {
  if (!campaign.complete()) return kInterrupted;
  return view.failed > 0 || view.suspect ? kCellsFailed : kDone;
}

// `last`: nothing will change any more, so that figures are worth their time.
void renew_report(const StoredCampaign& campaign, bool last) {
  if (campaign.finished() == 0) return;
  ReportOptions options;
  options.figures = last;
  for (const std::string& note : write_report(campaign, options).notes) {
    if (last) spdlog::warn("{}", printable(note));
  }
}

int watch(const WatchOptions& options) {
  if (!wait_for_plan(options)) return kInterrupted;
  Screen screen(!options.once && is_terminal(STDOUT_FILENO));
  std::string shown;
  bool was_running = false;
  for (;;) {
    const Clock::time_point begin = Clock::now();
    const StoredCampaign campaign = read_steadily(options.directory);
    const CampaignActivity activity = read_activity(options.directory, std::time(nullptr));
    const CampaignView view = view_campaign(campaign, activity, may_colour(STDOUT_FILENO));
    was_running = was_running || campaign.running;
    // With --wait a campaign at rest is not over until a run was seen: one may be about to begin.
    const bool over = !campaign.running && (was_running || !options.wait);
    const bool last = options.once || campaign.complete() || over;
    if (view.text != shown) {
      screen.show(view.text);
      if (!std::cout) return kWrongRequest;  // nobody reads it any more: main() says so
      if (options.report) renew_report(campaign, last);
      shown = view.text;
    }
    if (last) {
      screen.leave(view.text);
      return exit_code(campaign, view);
    }
    const Clock::duration reading = Clock::now() - begin;
    if (!pause(std::max<Clock::duration>(options.interval, kPausesPerReading * reading))) {
      screen.leave(view.text);
      spdlog::info("no longer watching");
      return kInterrupted;
    }
  }
}

}  // namespace

int command_watch(const Words& words) {
  po::options_description options("options");
  options.add_options()("interval",
                        po::value<std::int64_t>()->default_value(5)->value_name("SECONDS"),
                        "how often to look")("once", "print the state once and end")(
      "wait", "wait where no campaign has begun yet")(
      "report", "write report.html each time something changed");
  const po::variables_map values =
      parse_words(words, "watch DIR [OPTIONS]", options, {"directory"});
  WatchOptions chosen;
  chosen.directory = values["directory"].as<std::string>();
  chosen.interval = std::chrono::seconds(whole_number(values, "interval", 1, 86400));
  chosen.once = values.count("once") > 0;
  chosen.wait = values.count("wait") > 0;
  chosen.report = values.count("report") > 0;
  if (chosen.once && chosen.wait) {
    throw Error({"--once and --wait contradict each other", "", "one of them", "both", ""});
  }
  watch_signals();
  return watch(chosen);
}

}  // namespace pressroom
