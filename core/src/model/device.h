// Where a model's weights lie and its products are made.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace pressroom {

// "cpu", "cuda", "cuda:0", "cuda:1", ... Throws Error for another name, and for a device that this
// build of libtorch or this machine does not have.
at::Device device_named(const std::string& name);

}  // namespace pressroom
