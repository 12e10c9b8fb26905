// What a kill would leave, at every moment that it could come at.
//
//   const int stops = at_each_change([&] { change(folder); }, [&] { expect_whole(folder); });
//   if (stops == 0) GTEST_SKIP() << "processes cannot be traced here";
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <set>

namespace pressroom {

inline pid_t fork_to(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    body();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    ::_exit(1);
  }
  ::_exit(0);
}

inline int status_of(pid_t child) {
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

// Whether it is a system call that changes what is in a file system.
inline bool changes_files(const __ptrace_syscall_info& call) {
  static const std::set<std::uint64_t> numbers = {
      SYS_write,    SYS_pwrite64,  SYS_unlinkat,  SYS_mkdirat,  SYS_linkat,
      SYS_renameat, SYS_renameat2, SYS_symlinkat, SYS_fchmodat, SYS_fchmod,
#ifdef SYS_rename
      SYS_rename,   SYS_unlink,    SYS_mkdir,     SYS_link,     SYS_symlink,
      SYS_rmdir,    SYS_chmod,
#endif
  };
  if (call.entry.nr == SYS_openat) return (call.entry.args[2] & O_CREAT) != 0;
  return numbers.count(call.entry.nr) > 0;
}

// Runs `body` in a process that is stopped before each call that changes_files, and calls `look`
// then: what it finds is what a kill would leave there. How often, or 0 where processes cannot be
// traced here.
inline int at_each_change(const std::function<void()>& body, const std::function<void()>& look) {
  const pid_t child = fork_to([&] {
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(77);
    ::raise(SIGSTOP);
    body();
  });
  int status = status_of(child);
  if (!WIFSTOPPED(status)) return 0;
  ::ptrace(PTRACE_SETOPTIONS, child, nullptr, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
  for (int changes = 0;;) {
    ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
    status = status_of(child);
    if (!WIFSTOPPED(status)) {
      EXPECT_EQ(status, 0);
      return changes;
    }
    __ptrace_syscall_info call = {};
    if (::ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof call, &call) <= 0) {
      ::kill(child, SIGKILL);
      status_of(child);
      return 0;
    }
    if (call.op != PTRACE_SYSCALL_INFO_ENTRY || !changes_files(call)) continue;
    ++changes;
    look();
  }
}

}  // namespace pressroom
