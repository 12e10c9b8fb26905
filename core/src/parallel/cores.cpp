#include "parallel/cores.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace pressroom {

std::int64_t available_cores() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace pressroom
