#include "counted_memory.h"

#include <cstdlib>
#include <new>

namespace {

thread_local std::size_t asked_for = 0;

}  // namespace

// The sanitizer has an allocator of its own, which tells who asks; elsewhere the operators are
// replaced. Those for arrays come down to these.
#ifdef __SANITIZE_ADDRESS__
// Declared here because not every compiler package has the sanitizer's headers.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));

namespace {

void count(const volatile void*, std::size_t size) { asked_for += size; }
void ignore(const volatile void*) {}

const int kHooks = __sanitizer_install_malloc_and_free_hooks(count, ignore);

}  // namespace
#else
void* operator new(std::size_t size) {
  asked_for += size;
  if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

std::size_t pressroom::memory_asked_for() { return asked_for; }
