#!/usr/bin/env python3
"""Makes a model of SmolLM2-135M's shape with random weights, for measurements of speed.

    python tests/peers/make_model.py OUT_DIR [--seed S] [--layers L] [--width D]
        [--kinds f32,q4_1,...]

Speed depends on the shape and not on what the weights are, so a model that nobody has to download
will do. OUT_DIR gets

    hf/            config.json, tokenizer.json, model.safetensors in float32
    hf-bf16/       the same, rounded to bfloat16
    KIND.gguf      for each of --kinds: f32, q8_0, q4_0, q4_1 by the format's own Python package,
                   norms in float32. It has no quantisation to types of K blocks: those are made by
                   quantize_gguf.py beside this file.

Weights are normal with variance 1 over the inputs, so activations neither vanish nor grow, and
those of the embedding such that logits have a standard deviation of about 2.4: like a trained
model's, the largest is rarely a near-tie. The tokenizer is the starter model's 2,048 pieces, and
one written "<N>" for each further id N.
"""

import argparse
import json
import pathlib
import sys

import gguf
import numpy as np
from safetensors.numpy import save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/goldens"))
from make_gguf_model import add_shape, named, write  # noqa: E402

CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 576,
    "intermediate_size": 1536, "num_hidden_layers": 30, "num_attention_heads": 9,
    "num_key_value_heads": 3, "head_dim": 64, "rms_norm_eps": 1e-5, "rope_theta": 100000.0,
    "max_position_embeddings": 8192, "vocab_size": 49152, "tie_word_embeddings": True,
    "attention_bias": False, "mlp_bias": False, "hidden_act": "silu", "bos_token_id": None,
    "eos_token_id": 49151, "torch_dtype": "float32"}
KINDS = {"f32": "F32", "q8_0": "Q8_0", "q4_0": "Q4_0", "q4_1": "Q4_1"}
LOGIT_DEVIATION = 2.4


def random_weights(conf, seed):
    random = np.random.default_rng(seed)
    width, inner = conf["hidden_size"], conf["intermediate_size"]
    queries = conf["num_attention_heads"] * conf["head_dim"]
    keys = conf["num_key_value_heads"] * conf["head_dim"]

    def normal(rows, columns, deviation=None):
        made = random.standard_normal((rows, columns), dtype=np.float32)
        return made * np.float32(deviation or columns ** -0.5)

    def norm():
        return 1 + np.float32(0.1) * random.standard_normal(width, dtype=np.float32)

    weights = {"model.norm.weight": norm(),
               "model.embed_tokens.weight": normal(conf["vocab_size"], width,
                                                   LOGIT_DEVIATION * width ** -0.5)}
    for layer in range(conf["num_hidden_layers"]):
        parts = {"self_attn.q_proj": (queries, width), "self_attn.k_proj": (keys, width),
                 "self_attn.v_proj": (keys, width), "self_attn.o_proj": (width, queries),
                 "mlp.gate_proj": (inner, width), "mlp.up_proj": (inner, width),
                 "mlp.down_proj": (width, inner)}
        for name, shape in parts.items():
            weights[f"model.layers.{layer}.{name}.weight"] = normal(*shape)
        for name in ("input_layernorm", "post_attention_layernorm"):
            weights[f"model.layers.{layer}.{name}.weight"] = norm()
    return weights


def padded_tokenizer(vocabulary):
    """The starter's tokenizer with a piece for every id of the model."""
    made = json.loads((ROOT / "datasets/starter/tokenizer.json").read_text(encoding="utf-8"))
    pieces = made["model"]["vocab"]
    for id in range(len(pieces), vocabulary - 1):
        pieces[f"<{id}>"] = id
    end = {"id": vocabulary - 1, "content": "<|endoftext|>", "single_word": False, "lstrip": False,
           "rstrip": False, "normalized": False, "special": True}
    pieces[end["content"]] = end["id"]
    made["added_tokens"] = [end]
    return made


def write_directory(folder, conf, tokenizer):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(conf, indent=1) + "\n")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False) + "\n",
                                           encoding="utf-8")


def write_bfloat16(weights, file):
    import torch
    from safetensors.torch import save_file as save_tensors

    save_tensors({name: torch.from_numpy(value).bfloat16() for name, value in weights.items()},
                 str(file), metadata={"format": "pt"})


def write_gguf(file, kind, conf, tokenizer, weights):
    pieces = tokenizer["model"]["vocab"]
    tokens = sorted(pieces, key=pieces.get)
    writer = gguf.GGUFWriter(str(file), "llama")
    add_shape(writer, conf)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.NORMAL] * (len(tokens) - 1) + [gguf.TokenType.CONTROL])
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair)
                             for pair in tokenizer["model"]["merges"]])
    writer.add_eos_token_id(conf["eos_token_id"])
    writer.add_add_bos_token(False)
    element = gguf.GGMLQuantizationType[KINDS[kind]]
    for name, tensor in named(weights, conf):
        if tensor.ndim == 1 or kind == "f32":
            writer.add_tensor(name, tensor)
        else:
            writer.add_tensor(name, gguf.quants.quantize(tensor, element), raw_dtype=element)
    write(writer)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layers", type=int, default=CONFIG["num_hidden_layers"])
    parser.add_argument("--width", type=int, default=CONFIG["hidden_size"],
                        help="a multiple of 192: heads stay 64 wide, three to a KV head")
    parser.add_argument("--kinds", default="f32,q8_0,q4_0,q4_1")
    words = parser.parse_args()
    kinds = words.kinds.split(",")
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        parser.error(f"--kinds {','.join(unknown)}: expected some of {','.join(KINDS)}")

    if words.width % 192:
        parser.error(f"--width {words.width}: expected a multiple of 192")
    conf = {**CONFIG, "num_hidden_layers": words.layers, "hidden_size": words.width,
            "num_attention_heads": words.width // 64, "num_key_value_heads": words.width // 192}
    weights = random_weights(conf, words.seed)
    tokenizer = padded_tokenizer(conf["vocab_size"])
    write_directory(words.out / "hf", conf, tokenizer)
    save_file(weights, str(words.out / "hf/model.safetensors"), metadata={"format": "pt"})
    write_directory(words.out / "hf-bf16", {**conf, "torch_dtype": "bfloat16"}, tokenizer)
    write_bfloat16(weights, words.out / "hf-bf16/model.safetensors")
    for kind in kinds:
        write_gguf(words.out / f"{kind}.gguf", kind, conf, tokenizer, weights)
    for file in sorted(words.out.rglob("*")):
        if file.is_file():
            print(f"{file.stat().st_size / 1e6:9.1f} MB  {file}")


if __name__ == "__main__":
    main()
