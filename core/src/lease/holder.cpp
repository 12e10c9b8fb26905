#include "lease/holder.h"

#include <limits.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/whole_file.h"

namespace pressroom {
namespace {

std::string first_line(const std::string& file) {
  const std::string text = text_of_file(file);
  return text.substr(0, text.find('\n'));
}

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
}

std::string namespace_of_pids() {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/ns/pid", failed).string();
}

// Field 22 of /proc/PID/stat; -1 where there is no such process. The second field, the name of the
// program, may hold blanks and brackets.
std::int64_t start_of(std::int64_t pid) {
  const std::string text = text_of_file("/proc/" + std::to_string(pid) + "/stat");
  std::size_t at = text.rfind(')');
  if (at == std::string::npos) return -1;
  for (int field = 2; field < 22; ++field) {
    at = text.find(' ', at + 1);
    if (at == std::string::npos) return -1;
  }
  return std::strtoll(text.c_str() + at, nullptr, 10);
}

}  // namespace

std::string Holder::text() const { return host + ", process " + std::to_string(pid); }

Holder this_process(std::int64_t seconds) {
  Holder holder;
  holder.host = host_name();
  holder.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  holder.pid_namespace = namespace_of_pids();
  holder.pid = ::getpid();
  holder.started = start_of(holder.pid);
  holder.seconds = seconds;
  return holder;
}

std::string to_text(const Holder& holder) {
  const nlohmann::ordered_json json = {{"schema", "pressroom.lease/1"},
                                       {"host", holder.host},
                                       {"boot_id", holder.boot_id},
                                       {"pid_namespace", holder.pid_namespace},
                                       {"pid", holder.pid},
                                       {"started", holder.started},
                                       {"seconds", holder.seconds}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::optional<Holder> holder_from(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  try {
    if (json.at("schema") != "pressroom.lease/1") return std::nullopt;
    Holder holder;
    holder.host = json.at("host");
    holder.boot_id = json.at("boot_id");
    holder.pid_namespace = json.at("pid_namespace");
    holder.pid = json.at("pid");
    holder.started = json.at("started");
    holder.seconds = json.at("seconds");
    return holder;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // who wrote it was killed, or the power failed
  }
}

bool is_gone(const Holder& holder) {
  // Read once: neither changes while a process lives.
  static const std::string boot_id = first_line("/proc/sys/kernel/random/boot_id");
  static const std::string pid_namespace = namespace_of_pids();
  if (holder.boot_id.empty() || holder.boot_id != boot_id) return false;
  if (holder.pid_namespace != pid_namespace) return false;
  if (::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH) return true;
  // Another process may have its number by now. Where /proc shows only one's own processes
  // (hidepid), that cannot be seen.
  const std::int64_t started = start_of(holder.pid);
  return started >= 0 && started != holder.started;
}

}  // namespace pressroom
