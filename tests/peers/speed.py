#!/usr/bin/env python3
"""Times transformers and kvpress on the ids that `pressroom bench replay` is given.

    python tests/peers/speed.py MODEL IDS.json [--gguf FILE] [--threads N] [--budget B]
        [--tokens N] [--decode-tokens K] [--repeats R] [--presses none,knorm,...]

MODEL is a model directory; with --gguf, the directory that holds FILE. Prints one JSON object:

  forward  one forward pass over all tokens, and the nll of each: what dense replay does; attention
           by torch's scaled_dot_product_attention
  decode   a token at a time, kvpress compressing after each to B entries; `none` compresses nothing

Every time is from token ids to the nll of every target, in float32. One forward pass and the first
tokens of a decode are not timed. kvpress has no H2O while decoding: observed_attention ranks by the
newest query's attention over the age of the entry, which it gets by eager attention.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]

import torch  # noqa: E402
import transformers  # noqa: E402

WARM_UP_TOKENS = 16


def press_of(name, budget):
    """The context under which `name` evicts, and the attention it needs."""
    if name == "none":
        return contextlib.nullcontext, "sdpa"
    import kvpress

    base = {
        "knorm": lambda: kvpress.KnormPress(),
        "streaming_llm": lambda: kvpress.StreamingLLMPress(n_sink=4),
        "observed_attention": lambda: kvpress.ObservedAttentionPress(),
    }[name]()
    press = kvpress.DecodingPress(
        base_press=base, compression_interval=1, target_size=budget, hidden_states_buffer_size=0)
    return press, "eager" if name == "observed_attention" else "sdpa"


def nll_of(logits, targets):
    return torch.nn.functional.cross_entropy(logits.float(), targets, reduction="none")


def forward(model, ids):
    logits = model(ids[None], use_cache=False).logits[0]
    return nll_of(logits[:-1], ids[1:]).mean().item()


def decode(model, ids):
    """The mean nll, and the entries a head holds at the end."""
    cache = transformers.DynamicCache()
    total = 0.0
    for position in range(len(ids)):
        # The cache is shorter than the document: positions have to be said.
        place = torch.tensor([position])
        logits = model(ids[None, position:position + 1], past_key_values=cache, use_cache=True,
                       cache_position=place, position_ids=place[None]).logits[0]
        if position + 1 < len(ids):
            total += nll_of(logits, ids[position + 1:position + 2]).item()
    return total / (len(ids) - 1), cache.layers[0].keys.shape[2]


def timed(call):
    begin = time.perf_counter()
    result = call()
    return result, time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("ids")
    parser.add_argument("--gguf")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--budget", type=int, default=256)
    parser.add_argument("--tokens", type=int, default=1024)
    parser.add_argument("--decode-tokens", type=int)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--presses", default="none,knorm,streaming_llm,observed_attention")
    words = parser.parse_args()

    torch.set_num_threads(words.threads)
    options = {"gguf_file": words.gguf} if words.gguf else {}
    model = transformers.AutoModelForCausalLM.from_pretrained(
        words.model, dtype=torch.float32, **options).eval()
    with open(words.ids, encoding="utf-8") as file:
        ids = torch.tensor(json.load(file))[:words.tokens]
    if len(ids) < words.tokens:
        parser.error(f"{words.ids} has {len(ids)} ids, fewer than --tokens")

    report = {"torch": torch.__version__, "transformers": transformers.__version__,
              "threads": words.threads, "tokens": words.tokens, "budget_tokens": words.budget}
    with torch.inference_mode():
        forward(model, ids)
        seconds = []
        for _ in range(words.repeats):
            nll, elapsed = timed(lambda: forward(model, ids))
            seconds.append(elapsed)
        report["forward"] = {"seconds": seconds, "median_seconds": statistics.median(seconds),
                             "mean_nll": nll}
        report["decode"] = []
        some = ids[:words.decode_tokens]
        for name in words.presses.split(","):
            press, attention = press_of(name, words.budget)
            model.set_attn_implementation(attention)
            arguments = [] if name == "none" else [model]
            with press(*arguments):
                decode(model, some[:WARM_UP_TOKENS])
            with press(*arguments):
                (nll, held), elapsed = timed(lambda: decode(model, some))
            report["decode"].append({
                "press": name, "tokens": len(some), "seconds": elapsed,
                "ms_per_token": 1e3 * elapsed / len(some), "mean_nll": nll,
                "entries_per_head": held})
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
