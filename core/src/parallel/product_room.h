// Room for what OpenBLAS maps for each thread that multiplies.
//
// Where that does not fit into the process's address space (ulimit -v), OpenBLAS tries again for
// ever, on a core of its own and without a word; so it is tried before.
#pragma once

#include <cstdint>

namespace pressroom {

// Throws Error where `threads` threads that multiply at once would not find room. Called before the
// first product; costs nothing where the address space is not limited.
void require_product_room(std::int64_t threads);

}  // namespace pressroom
