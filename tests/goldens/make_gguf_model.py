"""One of the small golden models, and one of the small tokenizers, as GGUF files, by the format's own
Python package: the same floats and the same ids must come out of either format.
    pip install gguf safetensors numpy
    python make_gguf_model.py models/mistral tokenizer_pieces.json OUT_DIR
Writes mistral.gguf (all tensors, float32) and tokenizer_pieces.gguf (a vocabulary alone)."""
import json
import pathlib
import sys

import gguf
import numpy as np
from safetensors.numpy import load_file


def interleaved(rows, heads):
    """Rows of a head as the format has them: the two halves that rotate together, in turns."""
    return rows.reshape(heads, 2, -1, rows.shape[1]).swapaxes(1, 2).reshape(rows.shape)


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_shape(writer, conf):
    """Everything that a Llama's config.json says, under the format's names."""
    heads = conf["num_attention_heads"]
    writer.add_context_length(conf["max_position_embeddings"])
    writer.add_embedding_length(conf["hidden_size"])
    writer.add_block_count(conf["num_hidden_layers"])
    writer.add_feed_forward_length(conf["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(conf["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(conf["rms_norm_eps"])
    writer.add_rope_freq_base(conf.get("rope_parameters", conf)["rope_theta"])
    writer.add_rope_dimension_count(conf.get("head_dim") or conf["hidden_size"] // heads)
    writer.add_key_length(conf.get("head_dim") or conf["hidden_size"] // heads)
    writer.add_value_length(conf.get("head_dim") or conf["hidden_size"] // heads)
    writer.add_vocab_size(conf["vocab_size"])


def named(tensors, conf):
    """(name, tensor) as the format has them, of those that a Hugging Face directory has."""
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, conf["num_hidden_layers"])
    for name, tensor in sorted(tensors.items()):
        if name.endswith("q_proj.weight"):
            tensor = interleaved(tensor, conf["num_attention_heads"])
        elif name.endswith("k_proj.weight"):
            tensor = interleaved(tensor, conf["num_key_value_heads"])
        stem = name.removesuffix(".weight")
        yield names.get_name(stem) + ".weight", np.ascontiguousarray(tensor)


def model(folder, out):
    conf = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(str(out), "llama")
    add_shape(writer, conf)
    for name, tensor in named(load_file(folder / "model.safetensors"), conf):
        writer.add_tensor(name, tensor)
    write(writer)


def tokenizer(file, out):
    conf = json.loads(file.read_text())
    vocabulary, merges = conf["model"]["vocab"], conf["model"]["merges"]
    tokens = sorted(vocabulary, key=vocabulary.get)
    # A piece scores by the rank of the merge that makes it; of two merges the earlier.
    rank = {}
    for i, (left, right) in enumerate(merges):
        rank.setdefault(left + right, i)
    kinds = {"<unk>": gguf.TokenType.UNKNOWN, "<s>": gguf.TokenType.CONTROL,
             "</s>": gguf.TokenType.CONTROL}
    writer = gguf.GGUFWriter(str(out), "llama")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(rank.get(t, len(merges))) for t in tokens])
    writer.add_token_types([kinds.get(t, gguf.TokenType.BYTE if t.startswith("<0x")
                                      else gguf.TokenType.NORMAL) for t in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    write(writer)


if __name__ == "__main__":
    folder, vocabulary, out = map(pathlib.Path, sys.argv[1:4])
    model(folder, out / "mistral.gguf")
    tokenizer(vocabulary, out / "tokenizer_pieces.gguf")
