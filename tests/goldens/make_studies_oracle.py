"""Reference figures of the studies' methods under the stream protocol, in numpy and float64, with the
model and the cache of make_stream_oracle.py. A method is the indices that outlive a step; of equal
scores the newer entry stays. `mass` is the cumulative attention of a KV head, summed over its query
heads. The formulas are those of the methods' READMEs (plugins/methods/*/README.md).
    python make_studies_oracle.py MODEL_DIR IDS.json OUT.json SEPARATOR_ID...
IDS.json: an array of arrays of ids."""
import json
import pathlib
import sys

import numpy as np
from make_curvature_oracle import Curvature
from make_stream_oracle import Stream

BUDGET, SINKS = 96, 4


def best(entries, score, count):
    """The `count` of `entries` with the highest score."""
    return sorted(entries, key=lambda j: (-score[j], -j))[:count]


class Study(Stream):
    def __init__(self, path, recent=0):
        super().__init__(path, "study", BUDGET, recent, None)
        self.ids = []
        self.state = {}  # (layer, head) -> what a method remembers

    def stay(self, layer, head, c):
        n = c["pos"].shape[1]
        kept = self.choose(n, c["pos"][head], c["mass"][head], (layer, head))
        return np.arange(n) if kept is None else np.array(sorted(kept))


class H2O(Study):
    def choose(self, n, pos, mass, where):
        if n <= BUDGET:
            return None
        old = n - self.recent
        return best(range(old), mass, BUDGET - self.recent) + list(range(old, n))


class LazyH2O(Study):
    """Ranks at every INTERVAL-th step alone; between them the oldest entry that was not ranked
    among the heavy ones leaves, then the oldest heavy one."""
    INTERVAL = 10

    def choose(self, n, pos, mass, where):
        self.state.setdefault(where, set(range(SINKS)))
        if n <= BUDGET:
            return None
        middle = range(SINKS, n - self.recent)
        always = list(range(SINKS)) + list(range(n - self.recent, n))
        if self.time % self.INTERVAL == 0:
            heavy = best(middle, mass, BUDGET - SINKS - self.recent)
            self.state[where] = {pos[j] for j in heavy}
            return always + heavy
        light_first = sorted(middle, key=lambda j: (pos[j] in self.state[where], j))
        return always + light_first[n - BUDGET:]


class Cab(Study):
    """30 % newest, 50 % heaviest of the others, 20 % nearest to the median of what is then left."""
    def choose(self, n, pos, mass, where):
        if n <= BUDGET:
            return None
        local, bridge = int(0.3 * BUDGET), int(0.2 * BUDGET)
        important = best(range(n - local), mass, BUDGET - local - bridge)
        left = sorted(set(range(n - local)) - set(important))
        median = sorted(mass[j] for j in left)[(len(left) - 1) // 2]
        between = best(left, -abs(mass - median), bridge)
        return list(range(n - local, n)) + important + between


class LocalStrided(Study):
    WINDOW, STRIDE = BUDGET // 2, 8

    def choose(self, n, pos, mass, where):
        return [j for j in range(n) if pos[j] > self.time - self.WINDOW or pos[j] % self.STRIDE == 0]


class SepLLM(Study):
    """Sinks, the newest, and of what is between them the last separators; acts when full."""
    SEPARATORS, LOCAL, IDS = BUDGET // 4, BUDGET // 3, set()

    def choose(self, n, pos, mass, where):
        if n <= BUDGET:
            return None
        between = [j for j in range(SINKS, n - self.LOCAL) if self.ids[pos[j]] in self.IDS]
        return list(range(SINKS)) + between[-self.SEPARATORS:] + list(range(n - self.LOCAL, n))


METHODS = {
    "h2o": (H2O, {"recent": 48}), "h2o_20_80": (H2O, {"recent": 19}),
    "lazy_h2o": (LazyH2O, {"n_sink": SINKS, "recent": 48, "heavy": BUDGET - SINKS - 48,
                           "update_interval": LazyH2O.INTERVAL}),
    "cab": (Cab, {"local": 0.3, "bridge": 0.2, "important": 0.5}),
    "local_strided": (LocalStrided, {"local_window": LocalStrided.WINDOW,
                                     "stride": LocalStrided.STRIDE}),
    "sepllm": (SepLLM, {"n_sink": SINKS, "separators": SepLLM.SEPARATORS, "local": SepLLM.LOCAL,
                        "capacity": BUDGET}),
    "cab_v3": (Curvature, {"lambda_redundancy": 0.3}),
    "cab_v4": (Curvature, {"lambda_redundancy": 0.3, "magnitude_ratio": 0.5}),
}

if __name__ == "__main__":
    model, given, out = map(pathlib.Path, sys.argv[1:4])
    SepLLM.IDS = set(map(int, sys.argv[4:]))
    parameters = {name: dict(values) for name, (_, values) in METHODS.items()}
    parameters["sepllm"]["separator_ids"] = sorted(SepLLM.IDS)
    result = {"protocol": "stream", "positions": "original", "budget_tokens": BUDGET,
              "source": "make_studies_oracle.py, float64", "parameters": parameters,
              "documents": []}
    for ids in json.loads(given.read_text()):
        runs = {}
        for name, (kind, values) in METHODS.items():
            if kind is Curvature:
                run = Curvature(model, name, BUDGET, 0, None)
            else:
                run = kind(model, values.get("recent", 0))
                run.ids = ids
            runs[name] = run.score(ids)
            print(name, np.mean(runs[name]["nll_nats"]), file=sys.stderr)
        result["documents"].append({"ids": ids, "runs": runs})
    out.write_text(json.dumps(result, separators=(",", ":")) + "\n")
