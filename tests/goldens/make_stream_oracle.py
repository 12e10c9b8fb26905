"""Reference figures for the stream protocol, in numpy alone, from the formulas of a Llama decoder.
Each token is fed once: it attends with its own entry present (at most budget + 1 entries a head),
the step's attention is added to the statistics, then a head over budget drops one entry.
Entries keep the rotation of the position they were written at.
    python make_stream_oracle.py MODEL_DIR IDS.json OUT.json --budget 96 --recent 48 --tie newer
IDS.json: an array of arrays of ids, or a file of earlier figures, of which --copy takes methods."""
import argparse
import json
import pathlib
import struct

import numpy as np

SINKS, FIGURES = 4, ["nll_nats", "kept_positions"]
METHODS = ["dense", "streaming_llm", "h2o", "knorm"]
TIES = {"newer": lambda *_: 0, "older": lambda *_: -1}  # which of equal scores stays


def read_safetensors(path, dtype):
    raw = path.read_bytes()
    start = 8 + struct.unpack("<Q", raw[:8])[0]
    head = {k: e for k, e in json.loads(raw[8:start]).items() if k != "__metadata__"}
    at = {k: slice(*(start + b for b in e["data_offsets"])) for k, e in head.items()}
    stored = {"F32": "<f4", "F16": "<f2"}
    return {k: np.frombuffer(raw[at[k]], stored[head[k]["dtype"]]).astype(dtype)
            .reshape(head[k]["shape"]) for k in at}


class Stream:
    """A model and its caches. tie: (layer, head, positions of tied entries) -> index to drop."""
    def __init__(self, path, method, budget, recent, tie, dtype=np.float64):
        conf = json.loads((path / "config.json").read_text())
        self.w = read_safetensors(path / "model.safetensors", dtype)
        self.groups, self.dim = conf["num_key_value_heads"], conf["head_dim"]
        theta = conf.get("rope_parameters", conf)["rope_theta"]
        self.freq = theta ** (-np.arange(0, self.dim, 2) / self.dim)
        self.method, self.budget, self.recent, self.tie = method, budget, recent, tie
        self.dtype, self.eps, self.time = dtype, dtype(conf["rms_norm_eps"]), 0
        self.cache = [None] * conf["num_hidden_layers"]

    def rms(self, x, name):
        return x / np.sqrt(np.mean(x * x) + self.eps) * self.w[name + ".weight"]

    def rotate(self, x):
        cos, sin = (f(self.time * self.freq).astype(self.dtype) for f in (np.cos, np.sin))
        a, b = np.split(x, 2, -1)
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], -1)

    def victim(self, layer, head, c):
        """Index of the entry that a head over budget drops; entries lie oldest first."""
        if self.method == "streaming_llm":
            return SINKS
        if self.method == "h2o":
            return np.argmin(c["mass"][head, :-self.recent])
        tied = np.flatnonzero(c["norm"][head] == c["norm"][head].max())
        return tied[self.tie(layer, head, c["pos"][head, tied])]

    def stay(self, layer, head, c):
        """Indices, in order, of a head's entries that outlive this step; as many in every head."""
        entries = np.arange(c["pos"].shape[1])
        if self.method == "dense" or len(entries) <= self.budget:
            return entries
        return np.delete(entries, self.victim(layer, head, c))

    def attend(self, layer, x):
        p, g = f"model.layers.{layer}.self_attn.", self.groups
        q, k, v = ((self.w[p + n + "_proj.weight"] @ x).reshape(g, -1, self.dim) for n in "qkv")
        # Rotation keeps the norm; 12 digits make equal what is equal on paper.
        norm = np.linalg.norm(k.astype(np.float64), axis=-1)
        norm = np.array([[float(f"{x:.11e}") for x in row] for row in norm])
        c = {"k": self.rotate(k), "v": v, "norm": norm, "mass": np.zeros((g, 1), self.dtype),
             "pos": np.full((g, 1), self.time)}
        if self.cache[layer]:
            c = {name: np.concatenate([self.cache[layer][name], c[name]], 1) for name in c}
        logit = self.rotate(q) @ c["k"].transpose(0, 2, 1) / np.sqrt(self.dtype(self.dim))
        prob = np.exp(logit - logit.max(-1, keepdims=True))
        prob /= prob.sum(-1, keepdims=True)
        c["mass"] = c["mass"] + prob.sum(1)
        out = self.w[p + "o_proj.weight"] @ (prob @ c["v"]).reshape(-1)
        keep = np.array([self.stay(layer, h, c) for h in range(g)])
        self.cache[layer] = {name: a[np.arange(g)[:, None], keep] for name, a in c.items()}
        return out

    def feed(self, token):
        """Log-probabilities of the token after this one."""
        x = self.w["model.embed_tokens.weight"][token]
        for layer in range(len(self.cache)):
            p = f"model.layers.{layer}."
            x = x + self.attend(layer, self.rms(x, p + "input_layernorm"))
            h = self.rms(x, p + "post_attention_layernorm")
            gate, up = (self.w[f"{p}mlp.{n}_proj.weight"] @ h for n in ("gate", "up"))
            x = x + self.w[p + "mlp.down_proj.weight"] @ (gate / (1 + np.exp(-gate)) * up)
        self.time += 1
        logit = self.w["model.embed_tokens.weight"] @ self.rms(x, "model.norm")
        return logit - logit.max() - np.log(np.exp(logit - logit.max()).sum())

    def score(self, ids):
        """nll_nats of ids[1:] and the positions kept at the end, [layer][kv_head][entry]."""
        logp = [self.feed(token) for token in ids]
        nll = [round(-float(lp[token]), 6) for lp, token in zip(logp, ids[1:])]
        return dict(zip(FIGURES, (nll, [c["pos"].tolist() for c in self.cache])))


if __name__ == "__main__":
    cli = argparse.ArgumentParser(usage=__doc__)
    for name in ("model", "ids", "out"):
        cli.add_argument(name, type=pathlib.Path)
    for name, default in (("budget", 96), ("recent", 48)):
        cli.add_argument("--" + name, type=int, default=default)
    for name, values in (("tie", list(TIES)), ("dtype", ["float64", "float32"])):
        cli.add_argument("--" + name, choices=values, default=values[0])
    cli.add_argument("--copy", nargs="*", default=[], choices=METHODS)
    a = cli.parse_args()
    given = json.loads(a.ids.read_text())
    given = given["documents"] if isinstance(given, dict) else [{"ids": ids} for ids in given]
    own = f"make_stream_oracle.py, {a.dtype}, of equal norms the {a.tie} entry stays"
    source = {m: "transformers, eager attention, float32" if m in a.copy else own for m in METHODS}
    result = {"protocol": "stream", "positions": "original", "budget_tokens": a.budget,
              "h2o_recent": a.recent, "n_sink": SINKS, "source": source, "documents": []}
    for old in given:
        methods = {}
        for m in METHODS:
            run = Stream(a.model, m, a.budget, a.recent, TIES[a.tie], np.dtype(a.dtype).type)
            figures = old["methods"][m] if m in a.copy else run.score(old["ids"])
            methods[m] = {k: figures[k] for k in FIGURES if k in figures}
        result["documents"].append({"ids": old["ids"], "methods": methods})
    a.out.write_text(json.dumps(result, separators=(",", ":")) + "\n")
