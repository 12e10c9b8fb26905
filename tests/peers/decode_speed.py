#!/usr/bin/env python3
"""Times decoding: Pressroom, transformers and llama.cpp, in turns, a token of one sequence a step.

    python -W ignore tests/peers/decode_speed.py IDS.json --hf DIR [--gguf FILE] [--llama FOLDER]
        [--pressroom PROGRAM] [--dtypes float32,bfloat16] [--prompt L] [--tokens M] [--rounds R]
        [--threads T] [--seed S] [--json OUT]

In each round, in another order each time, everybody takes the first L ids in blocks, then 8 of them
one at a time, and is timed on the M after those, all the same ids, on T threads:

  transformers   DIR in float32, its own loop with use_cache
  pressroom D    `pressroom bench decode` of dense, DIR with weights in each of --dtypes
  pressroom gguf FILE with --dtype stored: blocks stay as the file has them
  llama.cpp      FILE through llama_cpp.mjs beside this file; FOLDER has node_modules

and how fast memory can be read is measured, as torch sums 1 GiB. Prints medians over the rounds,
with the least and the most, and ratios: the median of each round's own. A figure is worth something
only on a machine that does nothing else: look at least and most.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import time

here = pathlib.Path(__file__).resolve().parent
sys.path[:] = [path for path in sys.path if pathlib.Path(path or ".").resolve() != here]

import torch  # noqa: E402
import transformers  # noqa: E402

WARM_UP_TOKENS = 8
BANDWIDTH_FLOATS = 1 << 28
# Contestants of a ratio, and what is to be reached.
RATIOS = [("pressroom float32", "transformers", 3.0),
          ("pressroom bfloat16", "pressroom float32", 1.7),
          ("pressroom gguf", "llama.cpp", 1.0)]


def read_bandwidth(memory):
    """Bytes a second, the best of five: anything slower was disturbed."""
    seconds = []
    for _ in range(5):
        begin = time.perf_counter()
        memory.sum()
        seconds.append(time.perf_counter() - begin)
    return memory.numel() * memory.element_size() / min(seconds)


@torch.inference_mode()
def by_transformers(model, ids, prompt, tokens):
    cache = transformers.DynamicCache()
    model(torch.tensor([ids[:prompt]]), past_key_values=cache, use_cache=True)
    seconds = []
    for id in ids[prompt:prompt + WARM_UP_TOKENS + tokens]:
        begin = time.perf_counter()
        model(torch.tensor([[id]]), past_key_values=cache, use_cache=True)
        seconds.append(time.perf_counter() - begin)
    return {"ms": 1e3 * statistics.median(seconds[WARM_UP_TOKENS:])}


def answer_of(command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def by_pressroom(words, model, dtype):
    answer = answer_of([
        words.pressroom, "bench", "decode", "--model", model, "--ids", words.ids, "--dtype", dtype,
        "--fastest-of", dtype, "--methods", "dense", "--lengths", words.prompt, "--warmup",
        WARM_UP_TOKENS, "--tokens", words.tokens, "--repeats", 1, "--threads", words.threads,
        "--json"])
    run = next(run for run in answer["results"]
               if run["mode"] == "baseline" and run["dtype"] == dtype and run["sequences"] == 1)
    return {"ms": run["p50_decode_latency_ms"],
            "bytes": run["weight_bytes_per_step"] + run["kv_bytes_per_step"]}


def by_llama(words):
    answer = answer_of(["node", here / "llama_cpp.mjs", "decode", words.llama, words.gguf,
                        words.ids, words.prompt, WARM_UP_TOKENS + words.tokens, words.threads])
    return {"ms": 1e3 * statistics.median(answer["seconds"][WARM_UP_TOKENS:])}


def contestants_of(words, ids):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        words.hf, dtype=torch.float32).eval()
    memory = torch.ones(BANDWIDTH_FLOATS)
    taking_part = {
        "memory": lambda: {"bandwidth": read_bandwidth(memory)},
        "transformers": lambda: by_transformers(model, ids, words.prompt, words.tokens)}
    for dtype in words.dtypes.split(","):
        taking_part[f"pressroom {dtype}"] = lambda dtype=dtype: by_pressroom(words, words.hf, dtype)
    if words.gguf:
        taking_part["pressroom gguf"] = lambda: by_pressroom(words, words.gguf, "stored")
        if words.llama:
            taking_part["llama.cpp"] = lambda: by_llama(words)
    return taking_part


def play(taking_part, rounds, seed):
    """A list of what each round measured of each."""
    order, made = random.Random(seed), []
    for number in range(rounds):
        names = list(taking_part)
        order.shuffle(names)
        made.append({})
        for name in names:
            print(f"round {number + 1} of {rounds}: {name}", file=sys.stderr, flush=True)
            made[-1][name] = taking_part[name]()
    return made


def spread(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def summary_of(rounds):
    bandwidth = spread([one["memory"]["bandwidth"] for one in rounds])
    report = {"read_bytes_per_second": bandwidth, "contestants": {}, "ratios": []}
    for name in rounds[0]:
        if name == "memory":
            continue
        ms = spread([one[name]["ms"] for one in rounds])
        entry = {"ms_per_token": ms, "tokens_per_second": 1e3 / ms["median"]}
        if "bytes" in rounds[0][name]:
            shares = [one[name]["bytes"] / one[name]["ms"] * 1e3 / one["memory"]["bandwidth"]
                      for one in rounds]
            entry["bytes_per_token"] = rounds[0][name]["bytes"]
            entry["bandwidth_share"] = spread(shares)
        report["contestants"][name] = entry
    for fast, slow, bar in RATIOS:
        if fast in rounds[0] and slow in rounds[0]:
            ratio = spread([one[slow]["ms"] / one[fast]["ms"] for one in rounds])
            report["ratios"].append({"of": fast, "to": slow, "bar": bar, **ratio})
    return report


def print_report(report):
    read = report["read_bytes_per_second"]
    print(f"memory read at {read['median'] / 1e9:.1f} GB/s ({read['least'] / 1e9:.1f} .. "
          f"{read['most'] / 1e9:.1f}), {report['rounds']} rounds\n")
    print(f"{'':20} {'ms a token':>10} {'least':>8} {'most':>8} {'tokens/s':>9} {'of memory':>10}")
    for name, entry in report["contestants"].items():
        ms, share = entry["ms_per_token"], entry.get("bandwidth_share")
        print(f"{name:20} {ms['median']:10.2f} {ms['least']:8.2f} {ms['most']:8.2f} "
              f"{entry['tokens_per_second']:9.1f} {share['median'] if share else '-':>10.2}")
    for ratio in report["ratios"]:
        print(f"\n{ratio['of']} : {ratio['to']}  {ratio['median']:.2f} ({ratio['least']:.2f} .. "
              f"{ratio['most']:.2f}), to reach: {ratio['bar']}", end="")
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ids")
    parser.add_argument("--hf", required=True)
    parser.add_argument("--gguf")
    parser.add_argument("--llama")
    parser.add_argument("--pressroom", default="build/bin/pressroom")
    parser.add_argument("--dtypes", default="float32,bfloat16")
    numbers = {"prompt": 256, "tokens": 64, "rounds": 5, "threads": 2, "seed": 1}
    for name, value in numbers.items():
        parser.add_argument("--" + name, type=int, default=value)
    parser.add_argument("--json")
    words = parser.parse_args()
    ids = json.loads(pathlib.Path(words.ids).read_text())
    needed = words.prompt + WARM_UP_TOKENS + words.tokens
    if len(ids) < needed:
        parser.error(f"{words.ids} has {len(ids)} ids, and {needed} are needed")

    torch.set_num_threads(words.threads)
    rounds = play(contestants_of(words, ids), words.rounds, words.seed)
    report = {"torch": torch.__version__, "transformers": transformers.__version__,
              "processors": os.cpu_count(), "threads": words.threads, "prompt": words.prompt,
              "tokens": words.tokens, "rounds": words.rounds, **summary_of(rounds)}
    print_report(report)
    if words.json:
        pathlib.Path(words.json).write_text(json.dumps({**report, "measured": rounds}, indent=1))


if __name__ == "__main__":
    main()
