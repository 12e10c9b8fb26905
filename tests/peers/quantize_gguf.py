#!/usr/bin/env python3
"""Quantises a GGUF file by llama.cpp's own code, out of the npm package's binary.

    python tests/peers/quantize_gguf.py LLAMA_FOLDER F32.gguf OUT.gguf q4_k_m|q6_k|...

For the types of K blocks, which the format's Python package cannot make. LLAMA_FOLDER has
node_modules (README.md). K blocks are 256 wide: a matrix of another width gets a type of small
blocks instead, so all but `down` of SmolLM2's shape (576 wide); use `make_model.py --width 768`.
Prints how many tensors are of which type.
"""

import collections
import ctypes
import pathlib
import sys

import gguf

# llama.h's file types.
TYPES = {"q4_0": 2, "q4_1": 3, "q8_0": 7, "q5_0": 8, "q4_k_s": 14, "q4_k_m": 15, "q5_k_m": 17,
         "q6_k": 18}
# Its parameters begin with: threads, file type, two tensor types; four bytes that are flags.
USUAL = [0, TYPES["q8_0"]]
USUAL_FLAGS = bytes([0, 1, 0, 0])
FLAGS_AT = 16


def libraries(folder):
    bins = folder / "node_modules/@node-llama-cpp/linux-x64/bins/linux-x64"
    loaded = {}
    for stem in ("libggml-base", "libggml.v", "libllama.v"):
        file = min(bins.glob(stem + "*"))
        loaded[stem] = ctypes.CDLL(str(file), mode=ctypes.RTLD_GLOBAL)
    loaded["libggml.v"].ggml_backend_load_all_from_path(str(bins).encode())
    return loaded["libllama.v"]


def parameters(llama, kind):
    """A struct returned by value: the caller passes where it goes as a hidden first argument."""
    words = (ctypes.c_int32 * 64)()
    usual = llama.llama_model_quantize_default_params
    usual.restype, usual.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    usual(ctypes.addressof(words))
    if list(words[:2]) != USUAL or bytes(words)[FLAGS_AT:FLAGS_AT + 4] != USUAL_FLAGS:
        raise SystemExit("this llama.cpp has its parameters elsewhere")
    words[1] = TYPES[kind]
    return words


def main():
    if len(sys.argv) != 5 or sys.argv[4] not in TYPES:
        raise SystemExit(f"{__doc__}\ntypes: {', '.join(TYPES)}")
    folder, source, out, kind = sys.argv[1:]
    llama = libraries(pathlib.Path(folder))
    failed = llama.llama_model_quantize(source.encode(), out.encode(),
                                        ctypes.byref(parameters(llama, kind)))
    if failed:
        raise SystemExit(f"{source}: llama.cpp cannot quantise it to {kind}")
    types = collections.Counter(tensor.tensor_type.name for tensor in gguf.GGUFReader(out).tensors)
    print(f"{out}:", ", ".join(f"{count} {name}" for name, count in types.most_common()))


if __name__ == "__main__":
    main()
