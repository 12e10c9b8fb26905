"""The perplexity study's Python interface, by the names that its document shows.

    from pressroom.study import ExperimentConfig, ModelConfig, create_quick_test, run_benchmark

    results = run_benchmark(create_quick_test())
    results["results"]["wikitext-2"]["h2o"]["sparsity_sweep"]["0.9"]["perplexity"]

It is a thin layer: an ExperimentConfig becomes a campaign file of the program (`campaign()` shows
it), the program runs it, and what comes back is the campaign's perplexity_sweeps.json. What the
program does not have - a method, a model that was not pulled, a text - it refuses in its own words
(PressroomError). docs/python.md says what each name is here.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

from .campaign import Campaign
from .running import run

# As configs/studies/perplexity-full.yaml has them.
_METHODS: dict[str, dict[str, Any]] = {
    "h2o": {"recent": 0.5},
    "cab_v4": {"magnitude_ratio": 0.5},
    "cab_v3": {"lambda_redundancy": 0.3},
    "streaming_llm": {"n_sink": 4},
    "local_strided": {"local_window": 0.5, "stride": 64},
}
_DATASETS: dict[str, dict[str, Any]] = {
    "wikitext-103": {
        "reader": "wikitext",
        "path": "wikitext-103/wiki.test.raw",
        "assembly": "hf_join",
    },
    "wikitext-2": {
        "reader": "wikitext",
        "path": "wikitext-2/wiki.test.raw",
        "assembly": "hf_join",
    },
    "c4": {"reader": "c4", "path": "c4/en", "max_documents": 20000},
    "pg-19": {"reader": "pg19", "path": "pg19/test"},
}
_ALL_METHODS = ["dense", *_METHODS, "random"]

Use = Union[str, dict[str, Any]]


@dataclass
class ModelConfig:
    """The model of an experiment: a name in the local hub cache (`pressroom pull` gets it), a
    folder, a .gguf file, or "starter"."""

    name: str = "meta-llama/Llama-2-7b-hf"
    dtype: str = "bfloat16"  # how weights are held; arithmetic is float32
    device: str = "cpu"


@dataclass
class ExperimentConfig:
    """An experiment; the defaults are those of the study's full benchmark.

    datasets: "wikitext-103", "wikitext-2", "c4", "pg-19", whose files lie below `data_dir`
    (docs/datasets.md says how to get them), or a dict as a campaign file has it, with a label `as`.
    methods: by name, with the study's parameters, or a dict as a campaign file has it.
    sparsity_levels: 0.0 is dense, which is always run. context_lengths: tokens of a window.
    num_samples: windows of each dataset, context and seed. output_dir: the campaign lies in it, in
    a folder called `name`.
    """

    datasets: list[Use] = field(default_factory=lambda: ["wikitext-103", "c4", "pg-19"])
    methods: list[Use] = field(default_factory=lambda: list(_ALL_METHODS))
    model: ModelConfig = field(default_factory=ModelConfig)
    sparsity_levels: list[float] = field(
        default_factory=lambda: [0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]
    )
    context_lengths: list[int] = field(default_factory=lambda: [512, 1024, 2048, 4096])
    num_samples: int = 64
    seeds: list[int] = field(default_factory=lambda: [42])
    name: str = "perplexity"
    data_dir: str = "data"
    output_dir: str = "results/perplexity"

    def campaign(self) -> dict[str, Any]:
        """The campaign file that this experiment is, as pressroom.run() takes it."""
        return {
            "name": self.name,
            "model": self.model.name,
            "protocol": {
                "kind": "stream",
                "context": list(self.context_lengths),
                "documents": self.num_samples,
            },
            "datasets": [self._dataset(use) for use in self.datasets],
            "methods": [_method(use) for use in self.methods],
            "sparsity": [level for level in self.sparsity_levels if level != 0],
            "seeds": list(self.seeds),
            "device": self.model.device,
            "dtype": self.model.dtype,
            "outputs": ["perplexity_sweeps"],
        }

    def _dataset(self, use: Use) -> Use:
        if not isinstance(use, str) or use not in _DATASETS:
            return use
        known = _DATASETS[use]
        path = os.path.join(self.data_dir, known["path"])
        return {**known, "path": path, "as": use}


def _method(use: Use) -> Use:
    return {"name": use, **_METHODS[use]} if isinstance(use, str) and use in _METHODS else use


def create_quick_test() -> ExperimentConfig:
    """The study's quick test, TinyLlama on WikiText-2: configs/studies/perplexity-quick.yaml."""
    return ExperimentConfig(
        datasets=["wikitext-2"],
        model=ModelConfig("TinyLlama/TinyLlama-1.1B-Chat-v1.0", dtype="float32"),
        sparsity_levels=[0.0, 0.5, 0.9],
        context_lengths=[512, 1024],
        num_samples=10,
        name="perplexity-quick",
    )


class PerplexityBenchmarkRunner:
    """An experiment, run.

    campaign: after run() the campaign, with all that the program made of it, tests among it.
    """

    def __init__(self, config: ExperimentConfig) -> None:
        self.config = config
        self.campaign: Campaign | None = None

    def run(self, **options: Any) -> dict[str, Any]:
        """Runs the experiment, or finishes it; options are those of pressroom.run(). Returns
        {"config": ..., "results": {dataset: {method: {"context_length_sweep": {"512": {...}},
        "sparsity_sweep": {"0.9": {...}}}}}} as docs/studies.md describes it; perplexities are null
        where a cell failed, and "incomplete" says why."""
        out = options.pop("out", Path(self.config.output_dir) / self.config.name)
        self.campaign = run(self.config.campaign(), out=out, **options)
        text = (self.campaign.directory / "perplexity_sweeps.json").read_text(encoding="utf-8")
        return dict(json.loads(text))


def run_benchmark(config: ExperimentConfig, **options: Any) -> dict[str, Any]:
    """As PerplexityBenchmarkRunner(config).run(**options)."""
    return PerplexityBenchmarkRunner(config).run(**options)
