#include "model/device.h"

#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr const char* kAccelerator = "cuda";

// Of "cuda:3" the 3, of "cuda" the 0; -1 for what names no accelerator.
int index_in(const std::string& name) {
  const std::string prefix = kAccelerator;
  if (name == prefix) return 0;
  const std::string digits = name.size() > prefix.size() ? name.substr(prefix.size() + 1) : "";
  const bool is_number =
      !digits.empty() && digits.size() <= 2 &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number && name.rfind(prefix + ":", 0) == 0 ? std::stoi(digits) : -1;
}

// 0 where libtorch was built without them.
int accelerators() {
  if (!c10::impl::hasDeviceGuardImpl(at::kCUDA)) return 0;
  return c10::impl::getDeviceGuardImpl(at::kCUDA)->deviceCount();
}

}  // namespace

at::Device device_named(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  const int index = index_in(name);
  if (index < 0) {
    throw Error({"there is no such device", "device", "cpu, cuda or cuda:N", name, ""});
  }
  if (index >= accelerators()) {
    const bool is_built_in = c10::impl::hasDeviceGuardImpl(at::kCUDA);
    throw Error({"the device is not there", "device " + name,
                 "a libtorch with CUDA, and a GPU that it can use",
                 is_built_in ? std::to_string(accelerators()) + " GPUs" : "a libtorch without CUDA",
                 "use device: cpu, or build against a libtorch with CUDA"});
  }
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

}  // namespace pressroom
