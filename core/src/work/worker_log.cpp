#include "work/worker_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace pressroom {
namespace {

constexpr std::int64_t kKeptBytes = 1 << 20;
constexpr std::size_t kTailBytes = 400;
const std::string kMarker = "\x1e";  // the control character "record separator"
constexpr std::size_t kMostMarkerBytes = 300;

}  // namespace

void write_marker(std::size_t index) {
  std::fflush(nullptr);  // what was printed before stands before it
  const std::string marker = kMarker + std::to_string(index) + kMarker;
  if (::write(STDOUT_FILENO, marker.data(), marker.size()) < 0) errno = 0;  // a plugin closed it
}

void WorkerLog::begin_cell(std::size_t index) {
  close();
  cell_ = index < names_.size() ? names_[index] : "";
}

void WorkerLog::restart() {
  begin_cell(names_.size());
  half_marker_.clear();
}

void WorkerLog::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t mark = bytes.find(kMarker[0]);
    if (half_marker_.empty()) {
      if (mark != 0) write(bytes.data(), std::min(mark, bytes.size()));
      if (mark == std::string_view::npos) return;
      half_marker_ = kMarker;
      bytes.remove_prefix(mark + 1);
      continue;
    }
    half_marker_ += bytes.substr(0, mark);
    bytes.remove_prefix(std::min(mark, bytes.size()));
    if (mark == std::string_view::npos && half_marker_.size() < kMostMarkerBytes) return;
    if (mark == std::string_view::npos) {
      write(half_marker_.data(), half_marker_.size());  // no marker: a plugin's own byte
    } else {
      begin_cell(std::strtoull(half_marker_.c_str() + 1, nullptr, 10));
      bytes.remove_prefix(1);
    }
    half_marker_.clear();
  }
}

void WorkerLog::close() {
  if (descriptor_ >= 0 && written_ > kKeptBytes) {
    const std::string note = "\n[" + std::to_string(written_ - kKeptBytes) + " more bytes]\n";
    if (::write(descriptor_, note.data(), note.size()) < 0) errno = 0;  // a log, and no result
  }
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  written_ = 0;
  tail_.clear();
}

std::filesystem::path WorkerLog::file() const {
  if (written_ == 0 || folder_.empty()) return {};
  return folder_ / (cell_.empty() ? "workers.log" : cell_ + ".log");
}

void WorkerLog::read(int pipe) {
  char chunk[65536];
  // A flood must not keep the supervisor from its other work.
  for (int i = 0; i < 64; ++i) {
    const ssize_t count = ::read(pipe, chunk, sizeof(chunk));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    take({chunk, static_cast<std::size_t>(count)});
  }
}

void WorkerLog::write(const char* bytes, std::size_t size) {
  const std::int64_t room = kKeptBytes - written_;
  written_ += static_cast<std::int64_t>(size);
  tail_.append(bytes, size);
  if (tail_.size() > 2 * kTailBytes) tail_.erase(0, tail_.size() - kTailBytes);
  if (descriptor_ < 0 && !folder_.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    const int how = cell_.empty() ? O_APPEND : O_TRUNC;
    descriptor_ = ::open(file().c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | how, 0644);
  }
  if (descriptor_ < 0 || room <= 0) return;
  const std::size_t kept = std::min(size, static_cast<std::size_t>(room));
  // A full disk ends the run when a result cannot be stored; a log is not worth it.
  if (::write(descriptor_, bytes, kept) < 0) errno = 0;
}

std::string WorkerLog::last_lines() const {
  std::string text = tail_.size() > kTailBytes ? tail_.substr(tail_.size() - kTailBytes) : tail_;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  // Whole lines, where there is more than one.
  const std::size_t line = text.find('\n');
  if (tail_.size() > kTailBytes && line != std::string::npos) text.erase(0, line + 1);
  return text;
}

}  // namespace pressroom
