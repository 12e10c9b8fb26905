// few_rows_product and widen_weight_rows (model/few_rows.h) for weights quantised in blocks.
//
// Blocks are undone in registers as they are read, to the float32 numbers that gguf/dequantise.h
// makes of them, and multiplied as those of a float32 weight are, in the same order. So there is no
// error to state: the product is that of the dequantised weight in float32, to the bit, while a
// fifth of the bytes or so are read. Activations are not rounded; at this height undoing the blocks
// keeps up with the memory.
#pragma once

#include <cstdint>

#include "model/few_rows.h"

namespace pressroom {

// Of a weight whose form is in blocks; the rest as few_rows_product.
void block_rows_product(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                        std::int64_t stride);

// Rows of such a weight, all of them, as float32 [out,in].
void widen_block_rows(const WeightRows& weight, float* out);

}  // namespace pressroom
