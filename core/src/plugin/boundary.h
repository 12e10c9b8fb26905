// The line that nothing thrown by a plugin crosses unchanged, and behind which nothing computes in
// another way than before it.
//
//   EvictionPlan plan = at_plugin_boundary("method \"h2o\"", "planning", file,
//                                          [&] { return method->plan(budget_tokens); });
//
// What code of a plugin must leave as it found it, because everything after it would compute in
// another way: the processor's floating-point settings, and what libtorch, its BLAS and the C
// library keep for a thread or for the whole process. Guards look after that, alone where calls are
// too many for more:
//
//   ThreadGuard guard;
//   policy->score(view);
//   guard.check(label, where);     // Error: ... changed how everything after it computes
#pragma once

#include <c10/core/AutogradState.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>

#include "base/pulse.h"

namespace pressroom {

// Of the calling thread, and of what its work is shared among. Cheap enough to stand around every
// call, some ten nanoseconds. Made and asked on one thread.
class ThreadGuard {
 public:
  // Notes the state, the standard floating-point settings in force (parallel/float_controls.h).
  ThreadGuard();
  // Puts the state back.
  ~ThreadGuard() { put_back(); }
  ThreadGuard(const ThreadGuard&) = delete;
  ThreadGuard& operator=(const ThreadGuard&) = delete;

  // Puts the state back; returns what differed from it, in words, "" for nothing.
  std::string put_back();

  // put_back, and an Error, naming `who` and `where`, when anything differed.
  void check(const std::string& who = "it", const std::string& where = "");

 private:
  int torch_threads_;
  int blas_threads_;
  c10::AutogradState autograd_;
  c10::impl::LocalDispatchKeySet dispatch_;
};

// Of the process. Several threads must not have guards of this kind at once: one would take for the
// state what another is about to put back.
class ProcessGuard {
 public:
  ProcessGuard();
  ~ProcessGuard() { put_back(); }
  ProcessGuard(const ProcessGuard&) = delete;
  ProcessGuard& operator=(const ProcessGuard&) = delete;

  // As ThreadGuard's.
  std::string put_back();
  void check(const std::string& who = "it", const std::string& where = "");

 private:
  struct State {
    bool deterministic;
    bool deterministic_warns;
    bool deterministic_cudnn;
    bool benchmark_cudnn;
    bool tf32_cudnn;
    bool tf32_cublas;
    bool mkldnn;
    int default_dtype;  // a ScalarType
    std::string locale;

    static State now();
  };

  State state_;
};

// Of both, for code that one thread alone enters.
class StateGuard {
 public:
  std::string put_back();
  void check(const std::string& who = "it", const std::string& where = "");

 private:
  ThreadGuard thread_;
  ProcessGuard process_;
};

// What `call` returns, which must leave the state that a `Guard` looks after. Throws Error, naming
// `who`, where it does not; the state is put back whatever happens.
template <typename Guard, typename Call>
auto under(Call&& call, const std::string& who = "it") -> decltype(call()) {
  Guard guard;
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    guard.check(who);
  } else {
    decltype(auto) result = call();
    guard.check(who);
    return result;
  }
}

// Rethrows the exception being handled as an Error of the host's own making. `plugin` names the
// plugin, `doing` what it was called for ("being made"), `file` its shared object. An Error keeps
// its parts; of anything else the type and the message are told, without libtorch's backtrace.
// Call inside a catch block only.
[[noreturn]] void rethrow_from_plugin(const std::string& plugin, const std::string& doing,
                                      const std::filesystem::path& file);

// Runs `call`, which enters plugin code, and returns what it returns. Throws Error, too, where the
// code leaves the thread or the process in another state, which is put back.
// Where several threads enter plugins at once, `Guard` is a ThreadGuard.
template <typename Guard = StateGuard, typename Call>
auto at_plugin_boundary(const std::string& plugin, const std::string& doing,
                        const std::filesystem::path& file, Call&& call) -> decltype(call()) {
  const PluginCall inside((plugin + " " + doing).c_str(), "");
  try {
    return under<Guard>(std::forward<Call>(call));
  } catch (...) {
    rethrow_from_plugin(plugin, doing, file);
  }
}

}  // namespace pressroom
