#include "plugin/process_state.h"

#include <fcntl.h>
#include <unistd.h>

#include <clocale>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "parallel/parallel_for.h"

namespace pressroom {
namespace {

constexpr const char* kStreamNames[] = {"standard input", "standard output", "standard error"};

std::string current_folder() {
  std::error_code failed;
  return std::filesystem::current_path(failed).string();
}

// Ids of the threads of this process, but for those of the pool, which begin when they are needed.
std::set<int> threads_now() {
  std::set<int> threads;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", failed)) {
    threads.insert(std::atoi(entry.path().filename().c_str()));
  }
  for (const int thread : pool_threads()) threads.erase(thread);
  return threads;
}

void append(std::string& text, const std::string& part) {
  text += (text.empty() ? "" : ", ") + part;
}

}  // namespace

ProcessState::ProcessState()
    : folder_(current_folder()), locale_(std::setlocale(LC_ALL, nullptr)), threads_(threads_now()) {
  for (int stream = 0; stream < kStreams; ++stream) {
    if (::fstat(stream, &streams_[stream]) != 0) continue;
    // Above all numbers that a plugin would close by mistake.
    copies_[stream] = ::fcntl(stream, F_DUPFD_CLOEXEC, 100);
  }
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    ::sigaction(kSignals[i], nullptr, &handlers_[i]);
  }
}

ProcessState::~ProcessState() {
  for (const int copy : copies_) {
    if (copy >= 0) ::close(copy);
  }
}

std::string ProcessState::put_back() const {
  std::string changed;
  for (int stream = 0; stream < kStreams; ++stream) {
    struct stat now = {};
    if (copies_[stream] < 0 ||
        (::fstat(stream, &now) == 0 && now.st_ino == streams_[stream].st_ino &&
         now.st_dev == streams_[stream].st_dev)) {
      continue;
    }
    ::dup2(copies_[stream], stream);
    append(changed, std::string(kStreamNames[stream]) + " was closed or replaced");
  }
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction now = {};
    ::sigaction(kSignals[i], nullptr, &now);
    if (now.sa_handler == handlers_[i].sa_handler) continue;
    // The harness's own handlers of these are reset by the first signal.
    const bool is_stop = kSignals[i] == SIGINT || kSignals[i] == SIGTERM;
    if (is_stop && now.sa_handler == SIG_DFL) continue;
    ::sigaction(kSignals[i], &handlers_[i], nullptr);
    append(changed, std::string("the handler of SIG") + ::sigabbrev_np(kSignals[i]));
  }
  if (const std::string locale = std::setlocale(LC_ALL, nullptr); locale != locale_) {
    std::setlocale(LC_ALL, locale_.c_str());
    append(changed, "the locale is " + locale + ", not " + locale_);
  }
  if (const std::string folder = current_folder(); folder != folder_) {
    std::error_code failed;
    std::filesystem::current_path(folder_, failed);
    append(changed, "the current folder is " + folder);
  }
  std::size_t left = 0;
  for (const int thread : threads_now()) left += threads_.count(thread) == 0 ? 1 : 0;
  if (left > 0) {
    append(changed,
           std::to_string(left) + (left == 1 ? " thread was" : " threads were") + " left running");
  }
  return changed;
}

}  // namespace pressroom
