// Who holds a lease: a process, told apart from every other one that there is or was.
//
//   const Holder me = this_process(60);
//   if (is_gone(holder)) ...     // its process ended: what it held is free at once
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pressroom {

struct Holder {
  std::string host;
  // Of the running kernel: a host that was started again, or another one of the same name, has
  // another one.
  std::string boot_id;
  // Containers of one kernel have process ids of their own.
  std::string pid_namespace;
  std::int64_t pid = 0;
  std::int64_t started = 0;  // clock ticks after boot: a later process of the same id began later
  std::int64_t seconds = 0;  // how long the lease holds from the time its file was last touched

  std::string text() const;  // "node7, process 4711"
};

// `seconds` is the length of its leases.
Holder this_process(std::int64_t seconds);

// A file of one line each, and back; nothing where the text is not whole.
std::string to_text(const Holder& holder);
std::optional<Holder> holder_from(const std::string& text);

// Whether the process has certainly ended. False where that cannot be seen from here: another host,
// or another container.
bool is_gone(const Holder& holder);

}  // namespace pressroom
