// What forward() of a scripted module is called with, by the names of its arguments.
#pragma once

#include <ATen/core/function_schema.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace pressroom {

// The inputs there are besides `layer`, an int.
//   keys, values, keys_before_rope  [G,T,d]
//   hidden                          [T,D], the normalised hidden states the entries come from
//   positions                       [G,T] int64, original positions
//   heads                           [G] int64, which KV heads these are
inline constexpr const char* kPressInputs[] = {"keys",   "values",    "keys_before_rope",
                                               "hidden", "positions", "heads"};

struct ForwardArguments {
  std::set<std::string> inputs;  // of kPressInputs
  bool layer = false;
  std::map<std::string, c10::IValue> constants;  // what the config gives
};

// The arguments of `forward` that can be given. `needs`: of kPressInputs those that must be among
// them and that are given; empty: all. positions, heads and layer are given wherever they are
// declared. `constants`: "name=value" for arguments of type int, float, bool or str. Throws Error,
// naming `file`, for what does not fit.
ForwardArguments read_arguments(const c10::FunctionSchema& forward,
                                const std::vector<std::string>& needs,
                                const std::vector<std::string>& constants, const std::string& file);

}  // namespace pressroom
