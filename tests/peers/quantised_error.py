#!/usr/bin/env python3
"""What quantised arithmetic costs: KL and nll against the same weights widened to float32.

    python -W ignore tests/peers/quantised_error.py FILE.gguf IDS.json --llama FOLDER
        [--pressroom PROGRAM] [--tokens N] [--prefixes K] [--threads T] [--json OUT]

The reference is transformers in float32 on FILE's own weights, dequantised: what is left is what a
program does to activations, keys and values. Beside it, a token at a time on the first N ids:

  llama.cpp usual   as it comes: keys and values in 16 bits
  llama.cpp exact   those in float32, and plain attention: the error of its products alone
  pressroom         --dtype stored by --engine decode. Its nll at every token; its KL at K places:
                    `score --json --logits` prints the logits after the last token alone

KL is KL(reference || program) in nats, of all the vocabulary in float64.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path[:] = [path for path in sys.path if pathlib.Path(path or ".").resolve() != here]

import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402


def log_probabilities(logits):
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


def nll_of(log, ids):
    """Of each id but the first."""
    return -log[np.arange(len(ids) - 1), ids[1:]]


@torch.inference_mode()
def reference(file, ids):
    model = transformers.AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.float32).eval()
    return log_probabilities(model(torch.tensor([ids])).logits[0].numpy())


def json_of(command):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def by_llama(words, ids_file, manner, folder):
    out = folder / f"{manner}.f32"
    size = json_of(["node", here / "llama_cpp.mjs", "logits", words.llama, words.file, ids_file,
                    out, manner, words.threads])
    return log_probabilities(np.fromfile(out, "<f4").reshape(size["rows"], size["vocabulary"]))


def by_pressroom(words, ids_file):
    return json_of([
        words.pressroom, "score", "--model", words.file, "--ids", ids_file, "--method", "dense",
        "--dtype", "stored", "--engine", "decode", "--threads", words.threads, "--logits",
        "--json"])


def figures(kl, difference):
    return {"places": len(kl), "mean_kl": float(np.mean(kl)), "most_kl": float(np.max(kl)),
            "mean_nll_difference": float(np.mean(np.abs(difference))),
            "most_nll_difference": float(np.max(np.abs(difference)))}


def kl_of(truth, other):
    return (np.exp(truth) * (truth - other)).sum(-1)


def pressroom_figures(words, ids, truth, folder):
    """KL after the first half of the ids, and at places from there to the last."""
    def answer(count):
        file = folder / f"first{count}.json"
        file.write_text(json.dumps(ids[:count]))
        return by_pressroom(words, file)

    places = sorted({int(x) for x in np.linspace(len(ids) // 2, len(ids), words.prefixes)})
    answers = [answer(count) for count in places]
    kl = [kl_of(truth[count - 1], log_probabilities(np.array(one["last_logits"])))
          for count, one in zip(places, answers)]
    return figures(kl, np.array(answers[-1]["nll_nats"]) - nll_of(truth, ids))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    parser.add_argument("ids")
    parser.add_argument("--llama")
    parser.add_argument("--pressroom")
    parser.add_argument("--json")
    for name, value in (("tokens", 256), ("prefixes", 16), ("threads", 2)):
        parser.add_argument("--" + name, type=int, default=value)
    words = parser.parse_args()
    ids = json.loads(pathlib.Path(words.ids).read_text())[:words.tokens]

    torch.set_num_threads(words.threads)
    truth, report = reference(words.file, ids), {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ids_file = folder / "ids.json"
        ids_file.write_text(json.dumps(ids))
        for manner in ("usual", "exact") if words.llama else ():
            log = by_llama(words, ids_file, manner, folder)
            report[f"llama.cpp {manner}"] = figures(
                kl_of(truth, log), nll_of(log, ids) - nll_of(truth, ids))
        if words.pressroom:
            report["pressroom"] = pressroom_figures(words, ids, truth, folder)
    print(f"{words.file.name}, {len(ids)} tokens, mean nll {nll_of(truth, ids).mean():.4f}\n")
    print(f"{'':20} {'places':>7} {'mean KL':>10} {'most KL':>10} {'mean |nll|':>11} "
          f"{'most |nll|':>11}")
    for name, of in report.items():
        print(f"{name:20} {of['places']:7} {of['mean_kl']:10.2e} {of['most_kl']:10.2e} "
              f"{of['mean_nll_difference']:11.2e} {of['most_nll_difference']:11.2e}")
    if words.json:
        pathlib.Path(words.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
