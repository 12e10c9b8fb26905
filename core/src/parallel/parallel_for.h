// A loop shared by the cores, on one pool of threads for the whole process; how many cores there
// are for it, and whether there is room for what its threads need.
//
//   const std::int64_t threads = available_cores();
//   require_product_room(threads);
//   parallel_for(heads, threads, [&](std::int64_t head) { attend(head); });
//
// Idle threads sleep (after a moment, in case the next loop follows at once), so a machine with
// other work to do is not slowed down by waiting; OpenMP's threads, which spin, would be.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace pressroom {

// Cores this process may use: how many threads there is work for.
std::int64_t available_cores();

// `asked`, or all cores for 0: how every option and key for threads means it.
std::int64_t threads_or_all(std::int64_t asked);

// Calls body(i) once for each i in [0, count), on the calling thread and up to `threads` - 1 of the
// pool's; returns when all have returned. Loops inside a body, and loops of other callers while one
// is shared, run on their own thread alone. Every thread begins with the standard floating-point
// settings (parallel/float_controls.h). When calls throw, those that have not begun are left
// out and the exception of the lowest i is rethrown, whichever came first. Which thread runs what
// is not fixed: bodies must not depend on each other. Throws Error where the system gives no more
// threads.
void parallel_for(std::int64_t count, std::int64_t threads,
                  const std::function<void(std::int64_t)>& body);

// The ids (gettid) of the pool's threads, as many as there are by now.
std::vector<int> pool_threads();

// Has libtorch do the work of the calling thread on that thread alone. at::set_num_threads(1)
// would, too, but makes libtorch's own pool of a thread for each core first; and where the system
// gives it one less (ulimit -v), that pool waits for the missing one for ever.
void use_one_torch_thread();

// Room for what OpenBLAS maps for each thread that multiplies. Where that does not fit into the
// process's address space (ulimit -v), OpenBLAS tries again for ever, on a core of its own and
// without a word; so it is tried before. Throws Error where `threads` threads that multiply at once
// would not find room. Called before the first product; costs nothing where the address space is
// not limited.
void require_product_room(std::int64_t threads);

}  // namespace pressroom
