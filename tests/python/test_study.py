"""The perplexity study's Python interface, as its document shows it."""

from __future__ import annotations

import json
import unittest
from pathlib import Path
from typing import Any

import pressroom
from campaigns import PROSE, SOURCE, done
from pressroom.study import (
    ExperimentConfig,
    ModelConfig,
    PerplexityBenchmarkRunner,
    create_quick_test,
    run_benchmark,
)

TEXT = {"reader": "text", "path": PROSE}


class AsTheStudyShowsIt(unittest.TestCase):
    def test_quick_test_is_the_campaign_file_of_the_same_name(self) -> None:
        # On the starter model, with the text that stands in for what is not here.
        small: dict[str, Any] = {
            "model": "starter",
            "context": [64, 128],
            "documents": 2,
            "datasets": {**TEXT, "as": "wikitext-2"},
            "progress": False,
        }
        runner = PerplexityBenchmarkRunner(create_quick_test())
        results = runner.run(**small)
        file = SOURCE / "configs/studies/perplexity-quick.yaml"
        campaign = pressroom.run(file, out="of_file", **small)
        self.assertEqual(runner.campaign and runner.campaign.config, campaign.config)
        written = json.loads(Path("of_file/perplexity_sweeps.json").read_text())
        self.assertEqual(results, written)
        self.assertEqual(
            runner.campaign and runner.campaign.directory,
            Path("results/perplexity/perplexity-quick"),
        )

    def test_custom_configuration(self) -> None:
        config = ExperimentConfig(
            datasets=[{**TEXT, "as": "wikitext-103"}],
            methods=["dense", "h2o", "cab_v4"],
            model=ModelConfig(name="starter", dtype="float32"),
            sparsity_levels=[0.0, 0.5, 0.75],
            context_lengths=[64, 128],
            num_samples=2,
        )
        results = run_benchmark(config, progress=False)
        of_method = results["results"]["wikitext-103"]["cab_v4"]
        self.assertEqual(set(of_method["context_length_sweep"]), {"64", "128"})
        self.assertEqual(set(of_method["sparsity_sweep"]), {"0.0", "0.5", "0.75"})
        point = of_method["sparsity_sweep"]["0.5"]
        campaign = pressroom.load("results/perplexity/perplexity")
        cell = next(
            result
            for planned, result in zip(campaign.plan, done(campaign))
            if (planned["method"], planned["sparsity"], planned["context_length"])
            == ("cab_v4", 0.5, 128)
        )
        self.assertAlmostEqual(point["perplexity"], cell["metrics"]["perplexity"]["value"])
        self.assertEqual(campaign.config["methods"][2]["magnitude_ratio"], 0.5)

    def test_what_is_not_here_is_refused_by_the_program(self) -> None:
        # The document's own example: the model is not here, and neither is the text.
        config = ExperimentConfig(
            datasets=["wikitext-103"],
            methods=["dense", "h2o", "cab_v4", "cab_v5"],
            model=ModelConfig(name="meta-llama/Llama-2-7b-hf"),
        )
        with self.assertRaises(pressroom.PressroomError) as raised:
            run_benchmark(config, progress=False)
        said = str(raised.exception)
        self.assertIn("pressroom pull meta-llama/Llama-2-7b-hf", said)
        self.assertIn('no method is called "cab_v5"', said)

    def test_names_of_the_study_are_its_settings(self) -> None:
        campaign = ExperimentConfig(data_dir="/data").campaign()
        self.assertEqual(
            [use["as"] for use in campaign["datasets"]], ["wikitext-103", "c4", "pg-19"]
        )
        self.assertEqual(campaign["datasets"][0]["path"], "/data/wikitext-103/wiki.test.raw")
        self.assertEqual(campaign["methods"][0], "dense")
        self.assertEqual(campaign["methods"][1], {"name": "h2o", "recent": 0.5})
        self.assertEqual(campaign["sparsity"], [0.5, 0.7, 0.8, 0.9, 0.95, 0.99])
        self.assertEqual(
            (campaign["model"], campaign["dtype"]), ("meta-llama/Llama-2-7b-hf", "bfloat16")
        )


if __name__ == "__main__":
    unittest.main()
