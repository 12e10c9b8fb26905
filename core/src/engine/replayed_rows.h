// What both ways of replay do with the rows of a layer: documents by themselves (replay.cpp), and
// documents that share a prompt (replay_branches.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/model.h"

namespace pressroom {

// `qkv` [rows,width], of which the first rows are those of the tokens `ids`, with the row of each
// token replaced by that of its first occurrence (engine/cache/layer_setup.h).
at::Tensor settled(const std::vector<std::int64_t>& ids, const at::Tensor& qkv);

// Replaces `x` [rows,D] by what `layer` makes of it and of its attention [rows,Hd]: output
// projection and MLP, a few rows at a time, so that memory stays small beside the weights.
void finish_rows(const Model& model, std::int64_t layer, const at::Tensor& attention,
                 at::Tensor& x);

}  // namespace pressroom
