#!/usr/bin/env python3
"""Whether `pressroom generate` says, greedily, what transformers says, id by id.

    python -W ignore tests/peers/same_text.py MODEL PROMPT.txt [--gguf FILE]
        [--pressroom PROGRAM] [--tokens N] [--methods dense,streaming_llm,h2o]

MODEL is a model directory; with --gguf, the directory that holds FILE. Both compute in float32. The
methods are those of tests/goldens/make_generation_goldens.py, with its budget. Exits with 1 where
ids differ; that the two largest logits were close there may be the reason.
"""

import argparse
import json
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
sys.path[:] = [path for path in sys.path if pathlib.Path(path or ".").resolve() != here]
sys.path.append(str(here.parent / "goldens"))
from make_generation_goldens import BUDGET, RECENT, SINKS, Reference  # noqa: E402

METHODS = {"dense": "dense", "streaming_llm": f"{{name: streaming_llm, n_sink: {SINKS}}}",
           "h2o": f"{{name: h2o, n_sink: 0, recent: {RECENT}}}"}


def json_of(command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def generated(words, model, method):
    budget = [] if method == "dense" else ["--budget", BUDGET]
    return json_of([words.pressroom, "generate", "--model", model, "--prompt-file", words.prompt,
                    "--raw", "--ignore-eos", "--tokens", words.tokens, "--method", METHODS[method],
                    *budget, "--json"])["ids"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("prompt")
    parser.add_argument("--gguf")
    parser.add_argument("--pressroom", default="build/bin/pressroom")
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--methods", default="dense")
    words = parser.parse_args()
    model = words.model / words.gguf if words.gguf else words.model

    # As `generate --raw` reads a prompt: with what the tokenizer puts in front of a text.
    prompt = json_of([words.pressroom, "tokenize", "--special", "--model", model, words.prompt])
    differ = False
    for method in words.methods.split(","):
        options = {"gguf_file": words.gguf} if words.gguf else {}
        expected, margins = Reference(words.model, **options).greedy(prompt, words.tokens, method)
        got = generated(words, model, method)
        same = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b),
                    min(len(expected), len(got)))
        margin = "" if same == words.tokens else f"; there the best led by {margins[same]:.2g}"
        print(f"{method}: {same} of {words.tokens} ids are the same{margin}", flush=True)
        differ = differ or same < words.tokens
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
