"""Reference figures of cab_v3 and cab_v4 under the stream protocol, in numpy and float64, with the
cache of make_stream_oracle.py. The curvature of an entry is taken from the explicit product of
similarities and rounded to float32, so that equal keys tie; of equal curvatures the older leaves.
    python make_curvature_oracle.py MODEL_DIR IDS.json OUT.json
IDS.json: a file of earlier figures, of which the ids are taken."""
import json
import pathlib
import sys

import numpy as np
from make_stream_oracle import FIGURES, Stream

BUDGET, LAMBDA, HEAVY = 96, 0.3, {"cab_v3": 0.0, "cab_v4": 0.5}


class Curvature(Stream):
    def before_rotation(self, keys, positions):
        angle = positions[:, None] * self.freq
        a, b = np.split(keys, 2, -1)
        cos, sin = np.cos(angle), np.sin(angle)
        return np.concatenate([a * cos + b * sin, b * cos - a * sin], -1)

    def victim(self, layer, head, c):
        key = self.before_rotation(c["k"][head], c["pos"][head])
        unit = key / np.linalg.norm(key, axis=-1, keepdims=True)
        edge = np.maximum(unit @ unit.T, 0)
        np.fill_diagonal(edge, 0)
        n = len(edge)
        left = edge - LAMBDA * (edge @ edge) / n
        np.fill_diagonal(left, 0)
        curvature = np.float32(left.sum(0) / (n - 1)).astype(np.float64)
        heavy = int(HEAVY[self.method] * self.budget)
        order = sorted(range(n), key=lambda j: (-c["mass"][head, j], -j))
        curvature[order[:heavy]] = np.inf
        return np.argmin(curvature)


if __name__ == "__main__":
    model, ids, out = map(pathlib.Path, sys.argv[1:])
    result = {"protocol": "stream", "positions": "original", "budget_tokens": BUDGET,
              "lambda_redundancy": LAMBDA, "magnitude_ratio": HEAVY["cab_v4"],
              "source": "make_curvature_oracle.py, float64", "documents": []}
    for document in json.loads(ids.read_text())["documents"]:
        runs = {}
        for method in HEAVY:
            run = Curvature(model, method, BUDGET, 0, None)
            runs[method] = {k: v for k, v in run.score(document["ids"]).items() if k in FIGURES}
        result["documents"].append({"ids": document["ids"], "runs": runs})
    out.write_text(json.dumps(result, separators=(",", ":")) + "\n")
