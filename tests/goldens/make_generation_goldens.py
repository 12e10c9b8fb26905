"""Greedy continuations by the reference library: what `Sequence` and `pressroom generate` must say.
tests/goldens/README.md has what is in the file.
    pip install torch transformers safetensors numpy
    python make_generation_goldens.py . ../../datasets/starter STORIES_MODEL_DIR generation.json
Under eviction the prompt is one block, after which every head is cut to the budget, and so it is
after each token that follows: protocol `prefill` with `continuation: hold`. Each such run is made a
second time by make_protocol_oracle.py in float64, and must say the same."""
import json
import pathlib
import sys

import numpy as np
import torch
from make_protocol_oracle import Blocks
from make_stream_oracle import SINKS
from transformers import AutoModelForCausalLM, DynamicCache

TINY_PROMPT, PROMPT = 32, 64   # the tiny models were made for 256 positions
DENSE_TOKENS, EVICTING_TOKENS = 200, 136
BUDGET, RECENT = 48, 24
LEAST_MARGIN = 4e-4  # of the best logit over the next; below, rounding might decide


class Reference:
    """A model of the reference library, and caches that lose entries between its steps."""

    def __init__(self, folder, **options):
        self.model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="eager", **options).eval()

    @torch.no_grad()
    def greedy(self, prompt, tokens, method):
        cache, self.mass = DynamicCache(), {}
        ids, margins, block, fed = [], [], list(prompt), 0
        while len(ids) < tokens:
            places = torch.arange(fed, fed + len(block))[None]
            out = self.model(torch.tensor([block]), past_key_values=cache, use_cache=True,
                             position_ids=places, output_attentions=method == "h2o")
            fed += len(block)
            if method != "dense":
                self.evict(cache, method, out.attentions)
            best = out.logits[0, -1].double().topk(2)
            ids.append(best.indices[0].item())
            margins.append((best.values[0] - best.values[1]).item())
            block = ids[-1:]
        return ids, margins

    def evict(self, cache, method, attentions):
        for at, layer in enumerate(cache.layers):
            groups, held = layer.keys.shape[1:3]
            if method == "h2o":
                given = attentions[at][0].unflatten(0, (groups, -1)).sum((1, 2))  # [G,T]
                before = self.mass.get(at, torch.zeros(groups, 0))
                self.mass[at] = torch.cat(
                    [before, torch.zeros(groups, held - before.shape[1])], 1) + given
            if held <= BUDGET:
                continue
            if method == "h2o":
                heavy = self.mass[at][:, :held - RECENT].topk(BUDGET - RECENT, 1).indices
                keep = torch.cat([heavy, torch.arange(held - RECENT, held).expand(groups, -1)], 1)
                keep = keep.sort(1).values
                self.mass[at] = self.mass[at].gather(1, keep)
            else:
                keep = torch.cat([torch.arange(SINKS), torch.arange(held - BUDGET + SINKS, held)])
                keep = keep.expand(groups, -1)
            rows = keep[None, :, :, None].expand(-1, -1, -1, layer.keys.shape[-1])
            layer.keys = layer.keys.gather(2, rows).contiguous()
            layer.values = layer.values.gather(2, rows).contiguous()


def greedy_in_float64(folder, prompt, tokens, method):
    """The same by an implementation that shares nothing with the library; Llama alone."""
    blocks = Blocks(folder, method, BUDGET, RECENT)
    logs, ids = blocks.feed_block(list(prompt), True)[-1], []
    while len(ids) < tokens:
        ids.append(int(np.argmax(logs)))
        logs = blocks.feed_block(ids[-1:], True)[-1]
    return ids


def run(name, reference, prompt, tokens, method):
    ids, margins = reference.greedy(prompt, tokens, method)
    print(f"{name:20} {method:14} {len(set(ids)):4} distinct of {len(ids)}; least margin "
          f"{min(margins):.2g} at {int(np.argmin(margins))}", flush=True)
    if min(margins) < LEAST_MARGIN:
        raise SystemExit(f"{name}, {method}: a near-tie; give another prompt")
    made = {"model": name, "method": method, "prompt": list(prompt), "ids": ids,
            "margins": [float(f"{margin:.2g}") for margin in margins]}
    return made if method == "dense" else {**made, "budget_tokens": BUDGET}


def runs_of_both(name, folder, document):
    reference, prompt = Reference(folder), document[:PROMPT]
    made = [run(name, reference, prompt, DENSE_TOKENS, "dense")]
    for method in ("streaming_llm", "h2o"):
        made.append(run(name, reference, prompt, EVICTING_TOKENS, method))
        if made[-1]["ids"] != greedy_in_float64(folder, prompt, EVICTING_TOKENS, method):
            raise SystemExit(f"{name}, {method}: two implementations say different things")
    return made


def main(goldens, starter, stories, out):
    torch.set_num_threads(1)
    made = []
    for folder in sorted((goldens / "models").iterdir()):
        prompt = json.loads((folder / "expected.json").read_text())["ids"][:TINY_PROMPT]
        made.append(run(folder.name, Reference(folder), prompt, DENSE_TOKENS, "dense"))
    documents = json.loads((goldens / "starter_ids.json").read_text())
    made += runs_of_both("starter", starter, documents[1])
    documents = json.loads((goldens / "stories_stream.json").read_text())["documents"]
    made += runs_of_both("stories", stories, documents[0]["ids"])
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in made)
    out.write_text(f'{{"n_sink":{SINKS},"h2o_recent":{RECENT},"runs":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:5]))
