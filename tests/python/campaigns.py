"""Campaigns for the tests of the Python package; each is run once in a process.

small() has two cells; mixed() has two datasets that ask questions, two seeds, traces, and a method
whose cells fail.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import pressroom

try:
    import pandas
except ImportError:
    pandas = None  # type: ignore[assignment]

SOURCE = Path(os.environ["TEST_SOURCE"])
BUILD = Path(os.environ["TEST_BUILD"])
PROSE = os.environ["TEST_PROSE"]
TINY = os.environ["TEST_TINY"]
PLUGINS = os.environ["TEST_PLUGINS"]

needs_pandas = unittest.skipIf(pandas is None, "there is no pandas")


def small(**changes: Any) -> dict[str, Any]:
    """A campaign of two cells on the tiny model, whose tokens are bytes; a key of None is left
    out."""
    config: dict[str, Any] = {
        "name": "small",
        "model": TINY,
        "protocol": {"context": 64, "documents": 2},
        "datasets": [{"reader": "text", "path": PROSE}],
        "methods": ["h2o"],
        "sparsity": [0.5],
        "seeds": [1],
        "metrics": ["perplexity", "cache"],
    }
    config.update(changes)
    return {key: value for key, value in config.items() if value is not None}


def run_small(out: str, **changes: Any) -> pressroom.Campaign:
    return pressroom.run(small(**changes), out=out, progress=False)


@functools.cache
def mixed() -> Path:
    """The directory of a campaign with all there is; nobody may change it."""
    config = small(
        name="mixed",
        model="starter",
        protocol={"context": 192, "documents": 2},
        datasets=[
            {"reader": "recall", "documents": 8, "facts": 2, "questions": 2, "as": "facts"},
            {"reader": "recall", "documents": 8, "task": "needle", "as": "needle"},
        ],
        methods=["h2o", {"name": "streaming_llm", "as": "stream"}, "throws_late"],
        sparsity=[0.5, 0.75],
        seeds=[1, 2],
        metrics=["perplexity", "cache", "exact_match"],
        traces=True,
    )
    pressroom.run(config, out="mixed", plugin_dir=PLUGINS, progress=False)
    return Path("mixed").absolute()


def done(campaign: pressroom.Campaign) -> list[dict[str, Any]]:
    """The results of a campaign in which every cell has one."""
    results = [result for result in campaign.results if result is not None]
    assert len(results) == len(campaign.plan)
    return results


def copy_of(directory: Path) -> Path:
    """A copy that a test may damage."""
    place = Path(tempfile.mkdtemp(dir=".")) / "copy"
    shutil.copytree(directory, place)
    return place


def program(*words: str) -> str:
    """Standard output of the program."""
    command = [os.environ["PRESSROOM"], *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
