// How a worker came to its end, in words for whoever reads the failed cell.
#pragma once

#include <cstdint>
#include <string>

#include "pressroom/error.h"
#include "work/worker_link.h"
#include "work/worker_log.h"

namespace pressroom {

// What the supervisor ended a worker for.
enum class Limit { kNone, kSeconds, kStall, kMemory };

struct Death {
  int status = 0;  // as waitpid gives it
  Limit limit = Limit::kNone;
  std::int64_t limit_value = 0;    // seconds, or MB
  bool was_out_of_memory = false;  // the kernel killed some process for want of memory meanwhile
};

// How often the kernel has killed a process for want of memory, here or in this container.
std::int64_t kills_for_memory();

// Whether it may go well another time: the worker was ended from outside, or memory ran out.
bool may_pass_by(const Death& death);

// What happened, where the worker was by its board, and what it wrote last.
Problem problem_of(const Death& death, const WorkerBoard& board, const WorkerLog& log);

}  // namespace pressroom
