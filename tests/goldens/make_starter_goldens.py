"""Reference figures on the starter model, which is part of the repository: what holds every method to
another implementation on a machine that has nothing else. tests/goldens/README.md says which figures
come from where.
    pip install torch==2.8.0 kvpress==0.5.5
    python make_starter_goldens.py ../../datasets/starter ../data/prose.txt OUT_DIR
Writes starter_ids.json, starter_stream.json, starter_chunked.json and starter_presses.json;
make_studies_oracle.py makes starter_studies.json of starter_ids.json."""
import json
import pathlib
import sys

import numpy as np
import torch
from kvpress import (AdaKVPress, ChunkKVPress, CriticalKVPress, DMSPress, ExpectedAttentionPress,
                     KeyDiffPress, KeyRerotationPress, KVzapPress, LagKVPress,
                     ObservedAttentionPress, PyramidKVPress, SnapKVPress, StreamingLLMPress,
                     TOVAPress)
from kvpress.presses.kvzap_press import KVzapConfig, KVzapModel
from make_protocol_oracle import Blocks
from make_stream_oracle import SINKS, Stream, TIES
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, DynamicCache

TOKENS, BUDGET, RECENT, PROMPT = 416, 96, 48, 320


def stable_topk(scores, k, dim=-1, largest=True, sorted=True):
    """Of equal scores the one with the higher index, which is the newer entry, ranks higher."""
    flipped = scores.flip(dim)
    order = torch.sort(flipped, dim=dim, descending=largest, stable=True).indices
    if not largest:  # the lowest ranks first: of equal ones the older
        order = torch.sort(scores, dim=dim, stable=True).indices
        indices = order.narrow(dim, 0, k)
    else:
        indices = scores.shape[dim] - 1 - order.narrow(dim, 0, k)
    return torch.return_types.topk((scores.gather(dim, indices), indices))


def stable_argsort(scores, dim=-1, descending=False, stable=True):
    if descending:
        return scores.shape[dim] - 1 - torch.sort(scores.flip(dim), dim=dim, descending=True,
                                                  stable=True).indices
    return torch.sort(scores, dim=dim, stable=True).indices


torch.Tensor.topk = torch.topk = stable_topk
torch.Tensor.argsort = torch.argsort = stable_argsort


class OtherSide(Stream):
    """Drops the other one of two entries whose norms differ by less than single precision tells."""
    NEAR = 3e-7

    def victim(self, layer, head, c):
        norms = np.unique(c["norm"][head])
        if len(norms) > 1 and norms[-1] - norms[-2] < self.NEAR * norms[-1]:
            return np.flatnonzero(c["norm"][head] == norms[-2])[0]
        return super().victim(layer, head, c)


def knorm(folder, document):
    run = Stream(folder, "knorm", BUDGET, RECENT, TIES["newer"], np.float64).score(document)
    other = OtherSide(folder, "knorm", BUDGET, RECENT, TIES["newer"], np.float64).score(document)
    return {**run, **{"or_" + name: figures for name, figures in other.items()}}


def rounded(values):
    return [round(float(v), 6) for v in values]


class Peer:
    """The reference library: one cache, fed as the protocols say."""
    def __init__(self, folder):
        self.model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager").eval()
        self.layers = self.model.config.num_hidden_layers
        self.groups = self.model.config.num_key_value_heads

    def nll(self, logits, target):
        return -torch.log_softmax(logits[0, -1].double(), -1)[target].item()

    def stream(self, ids, method):
        """Each token is fed once, then every head over budget drops one entry."""
        self.model.set_attn_implementation("eager")
        cache, nll = DynamicCache(), []
        positions = [torch.zeros(self.groups, 0, dtype=torch.long)] * self.layers
        mass = [torch.zeros(self.groups, 0)] * self.layers
        for t, token in enumerate(ids):
            out = self.model(torch.tensor([[token]]), past_key_values=cache,
                             position_ids=torch.tensor([[t]]), output_attentions=True)
            if t + 1 < len(ids):
                nll.append(self.nll(out.logits, ids[t + 1]))
            for l, layer in enumerate(cache.layers):
                held = layer.keys.shape[2]
                positions[l] = torch.cat([positions[l], torch.full((self.groups, 1), t)], 1)
                fresh = out.attentions[l][0, :, 0].view(self.groups, -1, held).sum(1)
                mass[l] = torch.cat([mass[l], torch.zeros(self.groups, 1)], 1) + fresh
                if method == "dense" or held <= BUDGET:
                    continue
                stays = torch.arange(held).expand(self.groups, -1)
                if method == "streaming_llm":
                    stays = stays[:, [j for j in range(held) if j != SINKS]]
                else:
                    heavy = stable_topk(mass[l][:, :-RECENT], BUDGET - RECENT).indices
                    stays = torch.cat([heavy, stays[:, -RECENT:]], 1).sort(1).values
                rows = stays[None, :, :, None].expand(-1, -1, -1, layer.keys.shape[-1])
                layer.keys, layer.values = layer.keys.gather(2, rows), layer.values.gather(2, rows)
                positions[l], mass[l] = positions[l].gather(1, stays), mass[l].gather(1, stays)
        return {"nll_nats": rounded(nll), "kept_positions": [p.tolist() for p in positions]}

    def prefill(self, ids, press, name):
        """A prompt, one compression by the press, then one token at a time; original positions,
        but for a press that rotates keys anew: there token t follows the entries kept."""
        attention = "eager" if name.startswith("observed") else "sdpa"
        self.model.set_attn_implementation(attention)
        modules = [layer.self_attn for layer in self.model.model.layers]
        for module in modules:
            module.masked_key_indices = None
        prompt = torch.tensor([ids[:PROMPT]])
        with torch.no_grad():
            whole, cache = DynamicCache(), DynamicCache()
            self.model(prompt, past_key_values=whole)
            if press is None:
                self.model(prompt, past_key_values=cache)
            else:
                with press(self.model):
                    self.model(prompt, past_key_values=cache)
            kept = [self.kept(w, c, m) for w, c, m in zip(whole.layers, cache.layers, modules)]
            moved = cache.layers[0].keys.shape[2] - PROMPT if name.startswith("rerotate") else 0
            nll = []
            for t in range(PROMPT, len(ids) - 1):
                out = self.model(torch.tensor([[ids[t]]]), past_key_values=cache,
                                 position_ids=torch.tensor([[t + moved]]))
                nll.append(self.nll(out.logits, ids[t + 1]))
        for module in modules:
            module.masked_key_indices = None
        if name.startswith("rerotate"):  # rotated anew, keys no longer say where they were
            return {"nll_nats": rounded(nll), "positions": "cache_index"}
        return {"nll_nats": rounded(nll), "kept_positions": kept}

    def kept(self, whole, cache, module):
        """Positions of the prompt that a layer still attends to, by head, or "all"."""
        masked = getattr(module, "masked_key_indices", None)
        if masked is not None and len(masked):
            gone = [set() for _ in range(self.groups)]
            for _, head, entry in zip(*(index.tolist() for index in masked)):
                gone[head].add(entry)
            return [[t for t in range(PROMPT) if t not in g] for g in gone]
        if cache.keys.shape[2] == PROMPT:
            return "all"
        found = []
        for head in range(self.groups):
            apart = (cache.keys[0, head][:, None] - whole.keys[0, head][None]).abs().amax(-1)
            assert apart.amin(1).max() < 1e-4, "a key that is kept is one of the prompt's"
            found.append(sorted(apart.argmin(1).tolist()))
        return found


def scorer(folder):
    conf = json.loads((folder / "config.json").read_text())
    kind = "linear" if conf["hidden_dim"] is None else "mlp"
    model = KVzapModel(KVzapConfig(**{k: conf[k] for k in ("input_dim", "output_dim", "hidden_dim",
                                                           "n_modules")})).float().eval()
    model.load_state_dict(load_file(folder / "model.safetensors"))
    press = KVzapPress(model_type=kind)
    press.kvzap_model = model
    press.post_init_from_model = lambda model: None  # it would look for the scorers on the hub
    return press


def presses(folder):
    snapkv = lambda: SnapKVPress(0.5, window_size=32, kernel_size=5)
    dms = lambda kind, threshold: DMSPress(scorer(folder / f"kvzap-{kind}"), threshold=threshold,
                                           sliding_window_size=16, decoding=False)
    return {
        "dense": lambda: None,
        "streaming_llm_r0.75": lambda: StreamingLLMPress(0.75, n_sink=4),
        "expected_attention_r0.5": lambda: ExpectedAttentionPress(0.5),
        "expected_attention_r0.75_nf64_nocov": lambda: ExpectedAttentionPress(
            0.75, n_future_positions=64, use_covariance=False),
        "observed_attention_r0.5": lambda: ObservedAttentionPress(0.5),
        "snapkv_r0.5_w32": snapkv,
        "tova_r0.5": lambda: TOVAPress(0.5),
        "keydiff_r0.5": lambda: KeyDiffPress(0.5),
        "lagkv_r0.5_lag32": lambda: LagKVPress(0.5, n_sink=4, lag_size=32),
        "pyramidkv_r0.5_w32": lambda: PyramidKVPress(0.5, window_size=32, kernel_size=5, beta=10),
        "adakv_expected_r0.5": lambda: AdaKVPress(ExpectedAttentionPress(0.5), alpha_safeguard=0.2),
        "criticalkv_expected_r0.5": lambda: CriticalKVPress(ExpectedAttentionPress(0.5)),
        "chunkkv_snapkv_r0.5_len16": lambda: ChunkKVPress(snapkv(), chunk_length=16),
        "rerotate_streaming_r0.75": lambda: KeyRerotationPress(StreamingLLMPress(0.75, n_sink=4)),
        "kvzap_linear_dms": lambda: dms("linear", THRESHOLDS["linear"]),
        "kvzap_mlp_dms": lambda: dms("mlp", THRESHOLDS["mlp"]),
    }


THRESHOLDS = {"linear": -4.6, "mlp": -4.4}


def chunked_runs(folder, ids):
    """Blocks of tokens and re-indexed caches, which no peer has: make_protocol_oracle.py alone."""
    def run(method, size, by_index=False, budget=BUDGET):
        steps = [(b, min(b + size, TOKENS), True) for b in range(0, TOKENS, size)]
        return Blocks(folder, method, budget, RECENT, by_index).run(ids, steps, 1)

    def prefill(method, sparsity):
        steps = [(0, PROMPT, True)] + [(t, t + 1, False) for t in range(PROMPT, TOKENS)]
        model = Blocks(folder, method, int(PROMPT * (1 - sparsity)), 0)
        return model.run(ids, steps, PROMPT + 1)

    return {
        "stream_streaming_llm_cache_index": run("streaming_llm", 1, True),
        "stream_h2o_cache_index": run("h2o", 1, True),
        "chunked16_streaming_llm": run("streaming_llm", 16), "chunked16_h2o": run("h2o", 16),
        "chunked16_knorm": run("knorm", 16), "chunked50_h2o": run("h2o", 50),
        "chunked16_streaming_llm_cache_index": run("streaming_llm", 16, True),
        "prefill_dense": prefill("dense", 0), "prefill_knorm_0.5": prefill("knorm", 0.5),
        "prefill_knorm_0.9": prefill("knorm", 0.9),
        "prefill_streaming_llm_0.75": prefill("streaming_llm", 0.75),
    }


def write(path, value):
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


def main(folder, text, out):
    ids = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text.read_text()).ids
    documents = [ids[:TOKENS], ids[TOKENS:2 * TOKENS]]
    assert len(documents[1]) == TOKENS, len(ids)
    write(out / "starter_ids.json", documents)
    peer, streams, chunked, pressed = Peer(folder), [], [], []
    for document in documents:
        with torch.no_grad():
            methods = {m: peer.stream(document, m) for m in ("dense", "streaming_llm", "h2o")}
        methods["knorm"] = knorm(folder, document)
        for name in ("dense", "streaming_llm", "h2o"):  # two implementations, one figure
            own = Stream(folder, name, BUDGET, RECENT, TIES["newer"], np.float64).score(document)
            apart = np.abs(np.subtract(own["nll_nats"], methods[name]["nll_nats"])).max()
            print(name, "numpy and transformers apart by", apart,
                  own["kept_positions"] == methods[name]["kept_positions"], flush=True)
        streams.append({"ids": document, "methods": methods})
        chunked.append({"ids": document, "runs": chunked_runs(folder, document)})
        results = {}
        for name, make in presses(folder).items():
            results[name] = peer.prefill(document, make(), name)
            kept = results[name].get("kept_positions", [])
            print(name, np.mean(results[name]["nll_nats"]),
                  [k if k == "all" else [len(h) for h in k] for k in kept], flush=True)
        pressed.append({"ids": document, "results": results})
    write(out / "starter_stream.json",
          {"protocol": "stream", "budget_tokens": BUDGET, "h2o_recent": RECENT, "n_sink": SINKS,
           "documents": streams})
    write(out / "starter_chunked.json", {"budget_tokens": BUDGET, "documents": chunked})
    write(out / "starter_presses.json", {"protocol": "prefill", "kvpress": "0.5.5",
                                         "thresholds": THRESHOLDS, "presses": pressed})


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:4]))
