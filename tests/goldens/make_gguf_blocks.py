"""Figures for the element types of GGUF files, from the format's own Python package.

    pip install gguf numpy
    python make_gguf_blocks.py gguf_blocks.json

For every type: a few blocks of bytes (hex) and the float32 values that they stand for. Bytes are
random but for the scales, which are finite, of both signs, and now and then below the smallest
normal binary16.
"""

import json
import sys

import gguf
import numpy as np

BLOCKS_OF_ELEMENTS = {1: 32, 32: 3, 256: 2}

# Where the binary16 numbers of a block lie.
SCALES = {
    "Q4_0": [0],
    "Q4_1": [0, 2],
    "Q5_0": [0],
    "Q5_1": [0, 2],
    "Q8_0": [0],
    "Q4_K": [0, 2],
    "Q5_K": [0, 2],
    "Q6_K": [208],
}


def half_bits(random, subnormal):
    """The bits of a finite binary16."""
    exponent = 0 if subnormal else random.integers(1, 31)
    return int(random.integers(0, 2) << 15 | exponent << 10 | random.integers(0, 1024))


def random_blocks(name, random):
    elements, size = gguf.GGML_QUANT_SIZES[gguf.GGMLQuantizationType[name]]
    count = BLOCKS_OF_ELEMENTS[elements]
    if name == "F32":
        numbers = random.standard_normal(count).astype(np.float32)
        numbers[:2] = [-0.0, 1e-40]
        return numbers.view(np.uint8).reshape(count, size)
    if name == "F16":
        bits = [half_bits(random, i % 4 == 0) for i in range(count)]
        return np.array(bits, np.uint16).view(np.uint8).reshape(count, size)
    if name == "BF16":
        bits = [random.integers(0, 2) << 15 | random.integers(0, 255 << 7) for i in range(count)]
        return np.array(bits, np.uint16).view(np.uint8).reshape(count, size)
    blocks = random.integers(0, 256, (count, size), np.uint8)
    for i in range(count):
        for at in SCALES[name]:
            bits = half_bits(random, i == count - 1)
            blocks[i, at : at + 2] = np.array([bits], np.uint16).view(np.uint8)
    return blocks


def main():
    names = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]
    random = np.random.default_rng(20240229)
    golden = {}
    for name in names:
        blocks = random_blocks(name, random)
        number = gguf.GGMLQuantizationType[name]
        values = gguf.quants.dequantize(blocks.reshape(1, -1), number).ravel()
        assert values.dtype == np.float32 and np.isfinite(values).all()
        golden[name] = {
            "type": int(number),
            "blocks": [block.tobytes().hex() for block in blocks],
            "values": [float(value) for value in values],  # exact: each is a double, too
        }
    with open(sys.argv[1], "w", encoding="ascii") as out:
        json.dump(golden, out, indent=None, separators=(",", ":"))
        out.write("\n")


main()
