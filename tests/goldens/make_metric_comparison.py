#!/usr/bin/env python3
"""Tests of a made-up metric over documents, by SciPy: metric_comparison.json.

    pip install scipy
    python make_metric_comparison.py metric_comparison.json

Two metrics of the same eight documents: "ece", of which lower is better, and "pass_rate", of which
higher is. A difference d is of the method minus the baseline, turned where higher is better, so
that above zero is worse:

    t, p          scipy.stats.ttest_1samp(d, 0)
    ci95          mean +- t.ppf(0.975, n - 1) s / sqrt n
    wilcoxon      scipy.stats.wilcoxon(d, method="exact")
    d_z           mean / s
    equivalence   larger p of ttest_1samp(d, -margin, "greater") and (d, margin, "less")
    p_holm        over the three methods, by the definition
    documents     least n with 1 - nct.cdf(c) + nct.cdf(-c) >= 0.8, c = t.ppf(1 - a/2, n - 1),
                  a = 0.05 / 3, noncentrality margin / s sqrt n
"""
import json
import math
import sys

import numpy as np
from scipy import stats

MARGIN = 0.02


def holm(p):
    adjusted, largest = [0.0] * len(p), 0.0
    for rank, i in enumerate(sorted(range(len(p)), key=lambda i: p[i])):
        largest = min(1.0, max(largest, (len(p) - rank) * p[i]))
        adjusted[i] = largest
    return adjusted


def power(n, sd, alpha):
    critical = stats.t.ppf(1 - alpha / 2, n - 1)
    away = MARGIN / sd * math.sqrt(n)
    return stats.nct.sf(critical, n - 1, away) + stats.nct.cdf(-critical, n - 1, away)


def documents_needed(sd, alpha):
    n = 2
    while power(n, sd, alpha) < 0.8:
        n += 1
    return n


def tests_of(difference, tests):
    n, mean, sd = len(difference), difference.mean(), difference.std(ddof=1)
    paired = stats.ttest_1samp(difference, 0)
    half = stats.t.ppf(0.975, n - 1) * sd / math.sqrt(n)
    ranks = stats.wilcoxon(difference, method="exact")
    above = stats.ttest_1samp(difference, -MARGIN, alternative="greater").pvalue
    below = stats.ttest_1samp(difference, MARGIN, alternative="less").pvalue
    return {"mean": mean, "sd": sd, "t": paired.statistic, "p": paired.pvalue,
            "ci95": [mean - half, mean + half], "wilcoxon": [ranks.statistic, ranks.pvalue],
            "cohen_dz": mean / sd, "p_equivalence": max(above, below),
            "documents_needed": documents_needed(sd, 0.05 / tests)}


def main():
    rng = np.random.default_rng(17)
    base = rng.uniform(0.05, 0.15, 8)
    ece = {"dense_s0": base}
    for name, loss, spread in [("h2o_s0.5", 0.001, 0.006), ("h2o_s0.9", 0.03, 0.012),
                               ("cab_s0.9", 0.012, 0.015)]:
        ece[name] = base + loss + rng.normal(0, spread, 8)
    metrics = {"ece": ece, "pass_rate": {name: 1 - values for name, values in ece.items()}}
    output = {"margin": MARGIN, "metrics": {}}
    for metric, values in metrics.items():
        # Read back as they are written: the differences are of the numbers in the file.
        values = {name: np.array(json.loads(json.dumps(list(v)))) for name, v in values.items()}
        sign = 1 if metric == "ece" else -1
        against = {name: tests_of(sign * (v - values["dense_s0"]), 3)
                   for name, v in values.items() if name != "dense_s0"}
        for figure in ("p", "p_equivalence"):
            adjusted = holm([test[figure] for test in against.values()])
            for test, p in zip(against.values(), adjusted):
                test[figure + "_holm"] = p
        pair = tests_of(sign * (values["cab_s0.9"] - values["h2o_s0.9"]), 1)
        output["metrics"][metric] = {"values": {name: list(v) for name, v in values.items()},
                                     "against_dense": against, "h2o_vs_cab_s0.9": pair}
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        json.dump(output, file, indent=1)
        file.write("\n")


main()
