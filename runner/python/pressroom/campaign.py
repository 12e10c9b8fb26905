"""A campaign's directory read back: without the program, its plugins, its model or its data.

    campaign = load("results/quickstart")
    campaign.cells.groupby(["method", "sparsity"])["perplexity"].mean()

Only files that docs/results.md documents are read, and each is checked as the program checks it:
plan.json and the cells by their seals, config.yaml and provenance.json by the SHA-256 that the plan
has of them, results.json and significance_tests.json against the cells. Nothing is written.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import frames, program
from .comparisons import compared_frame, comparisons_frame, read_tests
from .history import PastConfig, read_history
from .program import PathLike

if TYPE_CHECKING:
    import pandas


class Metric(NamedTuple):
    """What the values of a metric mean."""

    unit: str  # "nats/token"; "1" where it has none
    better: str  # "lower", "higher" or "neither"
    aggregation: str  # how it was pooled: "mean over all scored targets"


class Campaign:
    """A campaign as load() found it; later runs do not change it.

    directory: where it lies
    name: of the campaign
    config: config.yaml, every default filled in
    provenance: provenance.json
    plan: the cells in the order of plan.json, each a dict of its fields
    results: what stands in the file of each cell of `plan`; None for one that was not run yet
    metrics: by name what the values mean
    """

    def __init__(
        self,
        directory: Path,
        config: dict[str, Any],
        plan: dict[str, Any],
        provenance: dict[str, Any],
        results: list[dict[str, Any] | None],
    ) -> None:
        self.directory = directory
        self.name: str = plan["name"]
        self.config = config
        self.provenance = provenance
        self.plan: list[dict[str, Any]] = plan["cells"]
        self.results = results
        self.metrics: dict[str, Metric] = {}
        for result in results:
            for name, value in (result["metrics"] if result else {}).items():
                meaning = Metric(value["unit"], value["better"], value["aggregation"])
                self.metrics.setdefault(name, meaning)

    def __repr__(self) -> str:
        done = f"{self.finished} of {len(self.plan)} cells"
        return f"<Campaign {self.name}: {done}, {self.directory}>"

    @property
    def finished(self) -> int:
        """How many cells were run, or failed."""
        return sum(result is not None for result in self.results)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """What stands in the files of the cells that failed; the field "error" says why."""
        return [result for result in self.results if result and result["error"]]

    @cached_property
    def cells(self) -> pandas.DataFrame:
        """One row a planned cell, in the plan's order.

        method, sparsity, budget_tokens, dataset, context_tokens, seed, protocol, positions,
        kv_dtype: which.
        method_group, dataset_group: what the config's `group:` says, None where it says nothing.
        file: of the result, relative to the directory. state: "done", "failed" or "not run"; error:
        why it failed. seconds: wall time. Then a column of each metric (its unit: `metrics`), NaN
        where the cell has none.
        """
        return frames.cells_frame(self)

    @cached_property
    def documents(self) -> pandas.DataFrame:
        """One row a window of each cell that is done.

        The columns that say which cell, then window (from 0, in the cell's order), document (its
        id), ids_sha256, provenance, targets, first_target, last_target (how many tokens are scored,
        and the indices of the first and the last), sum_nll_nats, mean_nll_nats, kept_sha256,
        answers_asked and answers_right (<NA> where the document asks nothing); then a column of
        each metric that tells its value of each document, NaN where it has none.
        """
        return frames.documents_frame(self)

    @cached_property
    def answers(self) -> pandas.DataFrame:
        """One row an answer of each document that asks for something.

        The columns that say which cell, then window, document, answer (from 0, in the document's
        order); what stands in the file of answers beside the cell's, None where there is none: id
        of the question, question, expected, references, options, is_exact, is_generated, text,
        is_cut, evidence_held (share of its evidence that the caches held when it was asked for);
        and a column of each metric that tells its value of each answer. Raises PressroomError where
        a file of answers is damaged.
        """
        return frames.answers_frame(self)

    @cached_property
    def comparisons(self) -> pandas.DataFrame:
        """One row a test of significance_tests.json, by its name.

        name, then the fields of the file: first, second, sparsity, dataset, context_tokens,
        mean_difference (first minus second), p_value, p_adjusted, verdict and so on. What is nested
        is joined by "_": wilcoxon_p_value; of an interval ci95 become ci95_low and ci95_high.
        Raises PressroomError where the tests are not there, or were made of other results.
        """
        return comparisons_frame(read_tests(self.directory, self.plan, self.results))

    def traces(self, window: int | None = None, **cell: Any) -> pandas.DataFrame:
        """One row an entry of each trace: window x layer x KV head x position.

        `cell` chooses by the columns that say which cell, each a value or a list of values:
        traces(method="h2o", sparsity=[0.5, 0.9], seed=1, window=0). A trace has layers x heads x
        tokens rows. The columns that say which cell, then window, document, layer, head, position,
        left_after (the last token whose query saw the entry, <NA> where it was held at the end),
        age_tokens (from its own token to that one), score (by which it left; NaN where it never
        did, or there is none). Raises PressroomError where nothing fits.
        """
        return frames.traces_frame(self, window, cell)

    @cached_property
    def history(self) -> list[PastConfig]:
        """The configs that the directory had before the present one, the oldest first."""
        return read_history(self.directory)

    def report(self, out: PathLike | None = None, *, figures: bool = True) -> Path:
        """Has the program make the page of the campaign (`pressroom report`); where it lies."""
        return program.report(self.directory, out, figures)

    def compare(self, *others: Campaign | PathLike, **options: Any) -> pandas.DataFrame:
        """What `pressroom compare` says of this campaign, and how it differs from others.

        Options are the flags of the command: baseline="h2o", margin=0.02, pairs=True,
        at_measured="kvzap". One row a comparison, with its family; columns as in `comparisons`,
        with the opposite sign: second minus first.
        """
        directories = [self.directory]
        for other in others:
            directories.append(other.directory if isinstance(other, Campaign) else Path(other))
        return compared_frame(program.compare(directories, options))
