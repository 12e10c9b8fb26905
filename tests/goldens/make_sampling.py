"""Which tokens are drawn from rows of logits, by NumPy in float64.

    pip install numpy==2.4.6 torch==2.15.0 transformers==5.24.0
    python make_sampling.py sampling.json

Each case has settings, the tokens that were seen, the name of a row of logits and the first 40 draws
under one seed. The steps are those of core/src/generate/sampling.h, written here a second time with sorted
arrays; that the same tokens stay is checked with transformers' own processors, in their usual order
(penalty, temperature, top-k, top-p, min-p). Logits are multiples of
1/32, exact in float32.
"""

import json
import sys

import numpy as np
import torch
from transformers.generation import logits_process as library

MASK = (1 << 64) - 1


def mix(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


class Key:
    """The harness's random keys (core/include/pressroom/random.h)."""

    def __init__(self, seed):
        self.state = mix(seed)

    def number(self, word):
        key = Key(0)
        key.state = mix(self.state ^ mix(word))
        return key

    def text(self, text):
        value = 0xCBF29CE484222325
        for byte in text.encode():
            value = ((value ^ byte) * 0x100000001B3) & MASK
        return self.number(value).number(len(text))

    def uniform(self):
        return (mix(self.state) >> 11) * 2.0**-53


def probabilities(case):
    scores = np.array(case["logits"], dtype=np.float64)
    for token in set(case["seen"]):
        penalty = case["repetition_penalty"]
        scores[token] = scores[token] / penalty if scores[token] > 0 else scores[token] * penalty
    if case["temperature"] == 0:
        return np.eye(len(scores))[int(np.argmax(scores))]
    scores /= case["temperature"]
    ranked = np.argsort(-scores, kind="stable")  # of equal ones the lower id first
    if case["top_k"] > 0:
        ranked = ranked[: case["top_k"]]
    weights = np.exp(scores[ranked] - scores[ranked[0]])
    weights /= weights.sum()
    if case["top_p"] < 1:
        before = np.concatenate([[0.0], np.cumsum(weights)[:-1]])
        ranked, weights = ranked[before < case["top_p"]], weights[before < case["top_p"]]
    kept = weights >= case["min_p"] * weights[0]
    result = np.zeros(len(scores))
    result[ranked[kept]] = weights[kept] / weights[kept].sum()
    return result


def library_probabilities(case):
    ids = torch.tensor([case["seen"]], dtype=torch.long)
    scores = torch.tensor([case["logits"]], dtype=torch.float64)
    steps = []
    if case["seen"]:
        steps.append(library.RepetitionPenaltyLogitsProcessor(float(case["repetition_penalty"])))
    steps.append(library.TemperatureLogitsWarper(float(case["temperature"])))
    if case["top_k"] > 0:
        steps.append(library.TopKLogitsWarper(case["top_k"]))
    if case["top_p"] < 1:
        steps.append(library.TopPLogitsWarper(float(case["top_p"])))
    if case["min_p"] > 0:
        steps.append(library.MinPLogitsWarper(float(case["min_p"])))
    for step in steps:
        scores = step(ids, scores)
    return torch.softmax(scores, -1)[0].numpy()


def draws(case, count):
    kept = probabilities(case)
    if case["temperature"] > 0 and case["library_agrees"]:
        assert np.allclose(kept, library_probabilities(case), atol=1e-12), case
    if case["temperature"] == 0:
        return [int(np.argmax(kept))] * count
    sums = np.cumsum(kept)
    key = Key(case["seed"]).text("token")
    places = [key.number(n).uniform() * sums[-1] for n in range(count)]
    assert min(np.min(np.abs(sums - place)) for place in places) > 1e-9, "too close to a boundary"
    return [int(np.argmax(sums > place)) for place in places]


def main():
    few = [1.5, -0.25, 3.0, 3.0, 0.0, -2.0, 2.875, 1.5]
    apart = [1.5, -0.25, 3.0, 3.25, 0.0, -2.0, 2.875, 1.75]
    many = (np.random.default_rng(5).permutation(500) / 32 - 9).tolist()
    usual = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0,
             "seen": [], "seed": 1, "library_agrees": True}
    rows = {"with_ties": few, "apart": apart, "many": many}
    cases = []
    for changes in [
        {"temperature": 0}, {"temperature": 0, "repetition_penalty": 1.25, "seen": [2, 3, 3]},
        {"temperature": 0, "repetition_penalty": 0.5, "seen": [0, 5]},
        {}, {"temperature": 0.5, "seed": 2}, {"temperature": 4.0, "seed": 3},
        {"top_k": 1}, {"top_k": 3, "seed": 4}, {"top_k": 1000},
        {"top_p": 0.9, "seed": 5}, {"top_p": 0.01}, {"top_p": 0.5, "temperature": 2.0},
        {"min_p": 0.1, "seed": 6}, {"min_p": 1.0},
        {"repetition_penalty": 1.5, "seen": [2, 6, 6, 5, 1], "seed": 7},
        {"temperature": 0.8, "top_k": 6, "top_p": 0.95, "min_p": 0.05, "repetition_penalty": 1.1,
         "seen": [3, 0], "seed": 123456789012345},
    ]:
        for row, logits in rows.items():
            case = {**usual, **changes, "logits": logits}
            # Of tokens that tie for a last place the library keeps all, or another one.
            bounded = case["top_k"] > 0 or case["top_p"] < 1
            case["library_agrees"] = not (bounded and len(set(logits)) < len(logits))
            case["ids"] = draws(case, 40)
            del case["library_agrees"], case["logits"]
            case["row"] = row
            cases.append(case)
    with open(sys.argv[1], "w") as file:
        lines = ",\n".join(json.dumps(case) for case in cases)
        file.write('{"rows": ' + json.dumps(rows) + ',\n"cases": [\n' + lines + "\n]}\n")


main()
