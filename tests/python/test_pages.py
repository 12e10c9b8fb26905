"""The notebook and the page that show how the package is used: every cell and block of them is run,
and the notebook's numbers are held against the files of its campaign."""

from __future__ import annotations

import json
import os
import re
import unittest
from pathlib import Path
from typing import Any

from campaigns import PROSE, SOURCE, needs_pandas

NOTEBOOK = SOURCE / "docs/python.ipynb"
PAGE = SOURCE / "docs/python.md"


def reader_folder(name: str) -> None:
    """A folder that looks like a checkout, with a text of the reader's own; it becomes the current
    one."""
    os.chdir(Path(os.environ["HOME"]))
    Path(name).mkdir()
    os.chdir(name)
    for part in ("configs", "datasets"):
        os.symlink(SOURCE / part, part)
    os.symlink(PROSE, "my.txt")


def run_cells(cells: list[str], where: str) -> dict[str, Any]:
    """Runs the cells one after the other, as a notebook does; the names that there are then."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, source in enumerate(cells):
        code = compile(source, f"{where}, cell {number}", "exec")
        exec(code, names)
    return names


@needs_pandas
class Notebook(unittest.TestCase):
    def test_its_output_is_not_kept(self) -> None:
        for cell in json.loads(NOTEBOOK.read_text())["cells"]:
            if cell["cell_type"] == "code":
                self.assertEqual((cell["outputs"], cell["execution_count"]), ([], None))

    def test_its_numbers_are_those_of_the_campaign(self) -> None:
        reader_folder("notebook")
        cells = json.loads(NOTEBOOK.read_text())["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        names = run_cells(code, "python.ipynb")
        groups = json.loads(Path("results/notebook/results.json").read_text())["groups"]
        self.assertEqual(len(names["table"]), len(groups))
        for group in groups:
            row = names["table"].loc[(group["method"], group["sparsity"])]
            for name in ("perplexity", "kept_ratio", "mean_cache_entries"):
                metric = group["metrics"][name]
                self.assertAlmostEqual(row[(name, "mean")], metric["mean"], places=9)
                self.assertAlmostEqual(row[(name, "std")], metric["std"], places=9)
            if group["method"] != "dense":
                self.check_method(group, names)

    def check_method(self, group: dict[str, Any], names: dict[str, Any]) -> None:
        versus = group["versus_dense"]
        cost = names["cost"].loc[(group["method"], group["sparsity"])]
        self.assertEqual(len(cost), versus["n_documents"])
        self.assertAlmostEqual(cost.mean(), versus["delta_nll_nats"], places=12)
        test = names["tests"].loc[versus["test"]]
        self.assertEqual(test.p_value, versus["p_value"])
        self.assertEqual(test.mean_difference, -versus["delta_nll_nats"])
        if group["sparsity"] == 0.9:
            kept = names["kept"].loc[group["method"]]
            said = group["metrics"]["kept_ratio"]["per_seed"]
            for seed, share in zip(group["seeds"], said):
                self.assertAlmostEqual(kept[seed], share, places=12)


@needs_pandas
class Page(unittest.TestCase):
    def test_every_block_runs(self) -> None:
        reader_folder("page")
        text = PAGE.read_text()
        blocks = re.findall(
            r"^(<!-- not run: [^\n]* -->\n)?```python\n(.*?)^```", text, re.M | re.S
        )
        run = [block for mark, block in blocks if not mark]
        self.assertGreaterEqual(len(run), 4)
        run_cells(run, "python.md")


if __name__ == "__main__":
    unittest.main()
