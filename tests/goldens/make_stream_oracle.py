"""Reference figures for the stream protocol, in numpy alone, from the formulas of a Llama decoder.

Each token is fed once: it attends with its own entry present (at most budget + 1 entries a head),
this step's attention is added to the statistics, and the head drops one entry if it is over budget.
Entries keep the rotation of the position they were written at.

    python make_stream_oracle.py MODEL_DIR IDS.json OUT.json --budget 96 --recent 48 --tie newer
"""
import argparse
import json
import pathlib
import struct

import numpy as np

SINKS = 4
KINDS = {"F32": "<f4", "F64": "<f8", "F16": "<f2"}


def read_safetensors(path, dtype):
    raw = pathlib.Path(path).read_bytes()
    size, = struct.unpack("<Q", raw[:8])
    tensors = {}
    for name, entry in json.loads(raw[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = (8 + size + x for x in entry["data_offsets"])
            flat = np.frombuffer(raw[begin:end], KINDS[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"]).astype(dtype)
    return tensors


def rounded(x, digits=12):
    """x to `digits` significant digits: what is equal on paper becomes equal in the machine."""
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(x)))
    return np.round(x * scale) / scale


class Stream:
    """A model and its caches. tie: "newer" or "older" entry stays among equal scores, or a function
    (layer, head, positions of the tied entries) -> index of the one to drop."""

    def __init__(self, model_dir, method, budget=96, recent=48, tie="newer", dtype=np.float64):
        conf = json.loads((pathlib.Path(model_dir) / "config.json").read_text())
        self.w = read_safetensors(pathlib.Path(model_dir) / "model.safetensors", dtype)
        self.layers, self.heads = conf["num_hidden_layers"], conf["num_attention_heads"]
        self.groups, self.dim = conf["num_key_value_heads"], conf["head_dim"]
        self.eps = dtype(conf["rms_norm_eps"])
        rope_theta = conf.get("rope_parameters", conf)["rope_theta"]
        self.freq = rope_theta ** (-np.arange(0, self.dim, 2) / self.dim)
        self.method, self.budget, self.recent, self.tie, self.dtype = method, budget, recent, tie, dtype
        empty = {"k": np.zeros((self.groups, 0, self.dim), dtype), "v": np.zeros((self.groups, 0, self.dim), dtype),
                 "norm": np.zeros((self.groups, 0)), "mass": np.zeros((self.groups, 0), dtype),
                 "pos": np.zeros((self.groups, 0), int)}
        self.cache = [dict(empty) for _ in range(self.layers)]
        self.time = 0

    def rms(self, x, name):
        return x / np.sqrt(np.mean(x * x) + self.eps) * self.w[name + ".weight"]

    def rotate(self, x):
        angle = self.time * self.freq
        cos, sin = np.cos(angle).astype(self.dtype), np.sin(angle).astype(self.dtype)
        a, b = np.split(x, 2, -1)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def victim(self, layer, head, c):
        """Index of the entry that a head over budget drops."""
        entries = c["pos"].shape[1]
        if self.method == "streaming_llm":
            return SINKS
        if self.method == "h2o":
            return int(np.argmin(c["mass"][head, :entries - self.recent]))
        tied = np.flatnonzero(c["norm"][head] == c["norm"][head].max())
        if callable(self.tie):
            return tied[self.tie(layer, head, c["pos"][head, tied])]
        return tied[0 if self.tie == "newer" else -1]

    def attend(self, layer, x):
        p, c, g = f"model.layers.{layer}.self_attn.", self.cache[layer], self.groups
        q, k, v = (self.w[p + n + "_proj.weight"] @ x for n in "qkv")
        k = k.reshape(g, 1, self.dim)
        new = {"k": self.rotate(k), "v": v.reshape(g, 1, self.dim), "mass": np.zeros((g, 1), self.dtype),
               "norm": rounded(np.linalg.norm(k.astype(np.float64), axis=-1)), "pos": np.full((g, 1), self.time)}
        c = {name: np.concatenate([c[name], new[name]], 1) for name in c}
        q = self.rotate(q.reshape(g, self.heads // g, self.dim))
        logit = q @ c["k"].transpose(0, 2, 1) / np.sqrt(self.dtype(self.dim))
        prob = np.exp(logit - logit.max(-1, keepdims=True))
        prob /= prob.sum(-1, keepdims=True)
        c["mass"] = c["mass"] + prob.sum(1)
        out = self.w[p + "o_proj.weight"] @ (prob @ c["v"]).reshape(-1)
        if self.method != "dense" and c["pos"].shape[1] > self.budget:
            keep = np.ones(c["pos"].shape, bool)
            keep[np.arange(g), [self.victim(layer, h, c) for h in range(g)]] = False
            c = {name: a[keep].reshape(g, self.budget, *a.shape[2:]) for name, a in c.items()}
        self.cache[layer] = c
        return out

    def feed(self, token):
        """Log-probabilities of the token after this one."""
        x = self.w["model.embed_tokens.weight"][token]
        for layer in range(self.layers):
            p = f"model.layers.{layer}."
            x = x + self.attend(layer, self.rms(x, p + "input_layernorm"))
            h = self.rms(x, p + "post_attention_layernorm")
            gate, up = self.w[p + "mlp.gate_proj.weight"] @ h, self.w[p + "mlp.up_proj.weight"] @ h
            x = x + self.w[p + "mlp.down_proj.weight"] @ (gate / (1 + np.exp(-gate)) * up)
        self.time += 1
        logit = self.w["model.embed_tokens.weight"] @ self.rms(x, "model.norm")
        return logit - logit.max() - np.log(np.exp(logit - logit.max()).sum())

    def score(self, ids):
        """nll_nats of ids[1:] and the positions kept at the end, [layer][kv_head][entry]."""
        nll = [-float(self.feed(a)[b]) for a, b in zip(ids, ids[1:])]
        self.feed(ids[-1])
        return nll, [c["pos"].tolist() for c in self.cache]


if __name__ == "__main__":
    arg = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "ids", "out"):
        arg.add_argument(name)
    arg.add_argument("--methods", nargs="+", default=["dense", "streaming_llm", "h2o", "knorm"])
    arg.add_argument("--budget", type=int, default=96)
    arg.add_argument("--recent", type=int, default=48)
    arg.add_argument("--tie", choices=["newer", "older"], default="newer", help="which of equals stays")
    arg.add_argument("--float32", action="store_true")
    a = arg.parse_args()
    documents = json.loads(pathlib.Path(a.ids).read_text())
    documents = documents if isinstance(documents[0], list) else [documents]
    results = [{"ids": ids, "methods": {}} for ids in documents]
    for result in results:
        for method in a.methods:
            run = Stream(a.model, method, a.budget, a.recent, a.tie, np.float32 if a.float32 else np.float64)
            nll, kept = run.score(result["ids"])
            result["methods"][method] = {"nll_nats": [round(x, 6) for x in nll], "kept_positions": kept}
    pathlib.Path(a.out).write_text(json.dumps(results))
