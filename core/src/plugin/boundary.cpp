#include "plugin/boundary.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/DefaultDtype.h>
#include <dlfcn.h>

#include <boost/core/demangle.hpp>
#include <clocale>
#include <exception>
#include <typeinfo>

#include "parallel/float_controls.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Looked up at run time: which BLAS is loaded is the system's choice, not the build's.
int blas_threads() {
  static auto* const get =
      reinterpret_cast<int (*)()>(::dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  return get == nullptr ? 0 : get();
}

void set_blas_threads(int threads) {
  static auto* const set =
      reinterpret_cast<void (*)(int)>(::dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(threads);
}

void add(std::string& text, const std::string& part) {
  if (part.empty()) return;
  text += (text.empty() ? "" : ", ") + part;
}

std::string threads_text(const char* whose, int now, int before) {
  return std::to_string(now) + " threads for " + whose + ", not " + std::to_string(before);
}

[[noreturn]] void refuse(const std::string& who, const std::string& where,
                         const std::string& changes) {
  throw Error({who + " changed how everything after it computes", where,
               "settings of the thread and the process that are as they were before", changes,
               "fix the plugin: what it sets for its own work it sets back before it returns; the "
               "harness has put it back"});
}

}  // namespace

ThreadGuard::ThreadGuard()
    : torch_threads_(at::get_num_threads()),
      blas_threads_(blas_threads()),
      autograd_(c10::AutogradState::get_tls_state()),
      dispatch_(c10::impl::tls_local_dispatch_key_set()) {
  use_standard_floats();
}

std::string ThreadGuard::put_back() {
  std::string changes = float_changes(float_controls());
  use_standard_floats();
  if (const int now = at::get_num_threads(); now != torch_threads_) {
    add(changes, threads_text("libtorch", now, torch_threads_));
    at::set_num_threads(torch_threads_);
  }
  if (const int now = blas_threads(); now != blas_threads_) {
    add(changes, threads_text("the BLAS", now, blas_threads_));
    set_blas_threads(blas_threads_);
  }
  const c10::AutogradState autograd = c10::AutogradState::get_tls_state();
  const bool gradients = autograd.get_grad_mode() != autograd_.get_grad_mode() ||
                         autograd.get_fw_grad_mode() != autograd_.get_fw_grad_mode();
  const bool inference = autograd.get_inference_mode() != autograd_.get_inference_mode();
  if (gradients) add(changes, "libtorch's gradient mode");
  if (inference) add(changes, "libtorch's inference mode");
  if (gradients || inference) c10::AutogradState::set_tls_state(autograd_);
  const c10::impl::LocalDispatchKeySet dispatch = c10::impl::tls_local_dispatch_key_set();
  if (dispatch.included_ != dispatch_.included_ || dispatch.excluded_ != dispatch_.excluded_) {
    // Inference mode changes the dispatch keys as well: one change, named once.
    if (!inference) add(changes, "libtorch's dispatch, as autocast sets it");
    c10::impl::_force_tls_local_dispatch_key_set(dispatch_);
  }
  return changes;
}

void ThreadGuard::check(const std::string& who, const std::string& where) {
  const std::string changes = put_back();
  if (!changes.empty()) refuse(who, where, changes);
}

ProcessGuard::State ProcessGuard::State::now() {
  const at::Context& context = at::globalContext();
  State state = {};
  state.deterministic = context.deterministicAlgorithms();
  state.deterministic_warns = context.deterministicAlgorithmsWarnOnly();
  state.deterministic_cudnn = context.deterministicCuDNN();
  state.benchmark_cudnn = context.benchmarkCuDNN();
  state.tf32_cudnn = context.allowTF32CuDNN();
  state.tf32_cublas = context.allowTF32CuBLAS();
  state.mkldnn = context.userEnabledMkldnn();
  state.default_dtype = static_cast<int>(c10::get_default_dtype_as_scalartype());
  state.locale = std::setlocale(LC_ALL, nullptr);
  return state;
}

ProcessGuard::ProcessGuard() : state_(State::now()) {}

std::string ProcessGuard::put_back() {
  std::string changes;
  const State now = State::now();
  at::Context& context = at::globalContext();
  if (now.default_dtype != state_.default_dtype) {
    const auto type = static_cast<at::ScalarType>(state_.default_dtype);
    add(changes, std::string("a default dtype of ") +
                     c10::toString(static_cast<at::ScalarType>(now.default_dtype)) + ", not " +
                     c10::toString(type));
    c10::set_default_dtype(c10::scalarTypeToTypeMeta(type));
  }
  if (now.deterministic != state_.deterministic ||
      now.deterministic_warns != state_.deterministic_warns) {
    add(changes, "libtorch's deterministic algorithms");
    context.setDeterministicAlgorithms(state_.deterministic, state_.deterministic_warns);
  }
  if (now.deterministic_cudnn != state_.deterministic_cudnn ||
      now.benchmark_cudnn != state_.benchmark_cudnn) {
    add(changes, "how cuDNN chooses algorithms");
    context.setDeterministicCuDNN(state_.deterministic_cudnn);
    context.setBenchmarkCuDNN(state_.benchmark_cudnn);
  }
  if (now.tf32_cudnn != state_.tf32_cudnn || now.tf32_cublas != state_.tf32_cublas) {
    add(changes, "whether products are rounded to TF32");
    context.setAllowTF32CuDNN(state_.tf32_cudnn);
    context.setAllowTF32CuBLAS(state_.tf32_cublas);
  }
  if (now.mkldnn != state_.mkldnn) {
    add(changes, "whether libtorch uses oneDNN");
    context.setUserEnabledMkldnn(state_.mkldnn);
  }
  if (now.locale != state_.locale) {
    add(changes, "the locale " + now.locale + ", not " + state_.locale);
    std::setlocale(LC_ALL, state_.locale.c_str());
  }
  return changes;
}

void ProcessGuard::check(const std::string& who, const std::string& where) {
  const std::string changes = put_back();
  if (!changes.empty()) refuse(who, where, changes);
}

std::string StateGuard::put_back() {
  std::string changes = thread_.put_back();
  add(changes, process_.put_back());
  return changes;
}

void StateGuard::check(const std::string& who, const std::string& where) {
  const std::string changes = put_back();
  if (!changes.empty()) refuse(who, where, changes);
}

void rethrow_from_plugin(const std::string& plugin, const std::string& doing,
                         const std::filesystem::path& file) {
  Problem problem{plugin + " failed while " + doing, file.string(), "", "",
                  "report it to the plugin's author, with this message"};
  try {
    throw;
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& part : problems) {
      part.what = plugin + " failed while " + doing + ": " + part.what;
      if (part.where.empty()) part.where = file.string();
    }
    throw Error(std::move(problems));
  } catch (const std::exception& error) {
    const std::string message = error.what();
    problem.got = boost::core::demangle(typeid(error).name()) + ": " +
                  // Behind this libtorch puts a backtrace.
                  message.substr(0, message.find("\nException raised from "));
  } catch (...) {
    problem.got = "an exception that is not a std::exception";
  }
  throw Error(std::move(problem));
}

}  // namespace pressroom
