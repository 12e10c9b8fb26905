// Independent jobs shared among a few threads.
//
//   run_jobs(2, 4, [&](std::int64_t job) { results[job] = compute(job); });
//
// A thread that is done takes the next job, so that a thread slowed down by the machine's other
// work delays little. Within a job libtorch uses one thread.
#pragma once

#include <cstdint>
#include <functional>

namespace pressroom {

// Runs job(0) .. job(jobs - 1), each once, on `threads` threads of which the caller is one. Returns
// when all are done; rethrows a job's exception.
void run_jobs(int threads, std::int64_t jobs, const std::function<void(std::int64_t)>& job);

}  // namespace pressroom
