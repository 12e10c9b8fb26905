"""What a campaign holds, as pandas frames. The columns are described in campaign.Campaign."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .answers import ANSWER_FIELDS, read_answers
from .errors import PressroomError, Problem
from .trace import read_trace

if TYPE_CHECKING:
    import pandas

    from .campaign import Campaign

# The columns that say which cell, and the fields of the plan that they are.
_CELL = {
    "method": "method",
    "sparsity": "sparsity",
    "budget_tokens": "budget_tokens",
    "dataset": "dataset",
    "context_tokens": "context_length",
    "seed": "seed",
    "protocol": "protocol",
    "positions": "positions",
    "kv_dtype": "kv_dtype",
}
_GROUPS = ["method_group", "dataset_group"]
_CELL_COLUMNS = [*_CELL, *_GROUPS]
_DOCUMENT_COLUMNS = [
    *("window", "document", "ids_sha256", "provenance"),
    *("targets", "first_target", "last_target", "sum_nll_nats", "mean_nll_nats"),
    *("kept_sha256", "answers_asked", "answers_right"),
]
_ANSWER_COLUMNS = ["window", "document", "answer", *ANSWER_FIELDS]
_TRACE_COLUMNS = [
    *("window", "document", "layer", "head"),
    *("position", "left_after", "age_tokens", "score"),
]
_TRACE_COUNTS = ["left_after", "age_tokens"]
_STATE_COLUMNS = ["file", "state", "error", "seconds"]
_INFINITE = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}


def load_pandas() -> Any:
    """pandas, which nothing else of this package needs. Raises PressroomError without it."""
    try:
        import pandas
    except ImportError as error:
        raise PressroomError(
            Problem(
                "frames need pandas, which cannot be imported",
                "",
                "pandas 1.5 or later",
                str(error),
                "pip install pandas, or apt-get install python3-pandas; "
                "`plan` and `results` of a campaign have the same without it",
            )
        ) from None
    return pandas


def frame_of(
    rows: list[dict[str, Any]], columns: list[str], counts: Iterable[str] = ()
) -> pandas.DataFrame:
    """A row of each dict, with these columns; NaN where it has none, <NA> in `counts`."""
    frame = load_pandas().DataFrame(rows, columns=columns)
    whole: pandas.DataFrame = frame.astype(dict.fromkeys(counts, "Int64"))
    return whole


def cells_frame(campaign: Campaign) -> pandas.DataFrame:
    fixed = [*_CELL_COLUMNS, *_STATE_COLUMNS]
    names = _metric_columns(campaign.metrics, fixed)
    rows = []
    for key, planned, result in _cells(campaign):
        error = result["error"] if result else ""
        row: dict[str, Any] = dict(key, file=planned["file"], error=error)
        row["state"] = "failed" if error else "done" if result else "not run"
        row["seconds"] = result["seconds"] if result else math.nan
        for name, column in names.items():
            value = result["metrics"].get(name) if result else None
            row[column] = number(value["value"]) if value else math.nan
        rows.append(row)
    return frame_of(rows, [*fixed, *names.values()])


def documents_frame(campaign: Campaign) -> pandas.DataFrame:
    fixed = [*_CELL_COLUMNS, *_DOCUMENT_COLUMNS]
    names = _metric_columns(_telling(campaign, "documents"), fixed)
    rows = []
    for key, _, result in _cells(campaign):
        values = _of_metrics(result, "documents")
        for window, document in enumerate(result["documents"] if result else []):
            answers = document.get("answers", {})
            row = dict(key, window=window, document=document["id"], **_targets(document["targets"]))
            for name in ("ids_sha256", "provenance", "kept_sha256"):
                row[name] = document[name]
            for name in ("sum_nll_nats", "mean_nll_nats"):
                row[name] = number(document[name])
            row.update(answers_asked=answers.get("asked"), answers_right=answers.get("right"))
            for name, column in names.items():
                row[column] = number(values[name][window]) if name in values else math.nan
            rows.append(row)
    counts = ["first_target", "last_target", "answers_asked", "answers_right"]
    return frame_of(rows, [*fixed, *names.values()], counts)


def answers_frame(campaign: Campaign) -> pandas.DataFrame:
    fixed = [*_CELL_COLUMNS, *_ANSWER_COLUMNS]
    names = _metric_columns(_telling(campaign, "answers"), fixed)
    rows = []
    for key, planned, result in _cells(campaign):
        values = _of_metrics(result, "answers")
        words = _answers_in_words(campaign, planned, result)
        for window, document in enumerate(result["documents"] if result else []):
            asked = document.get("answers", {}).get("asked", 0)
            stored = words.get(document["id"], [])
            for answer in range(asked if values or stored else 0):
                row = dict(key, window=window, document=document["id"], answer=answer)
                told_in_words = stored[answer] if answer < len(stored) else {}
                row.update((field, told_in_words.get(field)) for field in ANSWER_FIELDS)
                for name, column in names.items():
                    told = values[name][window] if name in values else []
                    row[column] = number(told[answer]) if answer < len(told) else math.nan
                rows.append(row)
    return frame_of(rows, [*fixed, *names.values()])


def _answers_in_words(
    campaign: Campaign, planned: dict[str, Any], result: dict[str, Any] | None
) -> dict[str, list[dict[str, Any]]]:
    """By document the answers that lie beside the cell's file; {} where there are none."""
    if not result:
        return {}
    file = campaign.directory / planned["file"]
    documents = read_answers(file, result.get("content_key"))
    return {document["id"]: document["answers"] for document in documents or []}


def traces_frame(campaign: Campaign, window: int | None, cell: dict[str, Any]) -> pandas.DataFrame:
    parts = []
    for key, file in _traces(campaign, window, cell):
        trace = read_trace(file)
        rows: dict[str, list[Any]] = {name: [] for name in _TRACE_COLUMNS[2:]}
        for layer, heads in enumerate(trace.left_after):
            for head, left in enumerate(heads):
                rows["layer"] += [layer] * trace.tokens
                rows["head"] += [head] * trace.tokens
                rows["position"] += range(trace.tokens)
                rows["left_after"] += left
                rows["age_tokens"] += [None if t is None else t - p for p, t in enumerate(left)]
                scores = trace.scores[layer][head] if trace.scores else [math.nan] * trace.tokens
                rows["score"] += scores
        frame = load_pandas().DataFrame(rows).astype(dict.fromkeys(_TRACE_COUNTS, "Int64"))
        frame = frame.assign(**key, document=trace.header["document"])
        parts.append(frame[[*_CELL_COLUMNS, *_TRACE_COLUMNS]])
    if parts:
        whole_frame: pandas.DataFrame = load_pandas().concat(parts, ignore_index=True)
        return whole_frame
    raise PressroomError(
        Problem(
            "there is no such trace",
            str(campaign.directory),
            "traces of " + (", ".join(f"{k}={v!r}" for k, v in cell.items()) or "any cell"),
            "none",
            "choose another cell, or run the campaign with `traces: true`",
        )
    )


def number(value: Any) -> float:
    """A number of a file: JSON has no infinity and no NaN, which are words there, or null."""
    return _INFINITE[value] if isinstance(value, str) else math.nan if value is None else value


def _cells(
    campaign: Campaign,
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]]:
    """Of each planned cell the columns that say which, its fields in the plan, and its result."""
    of_method = _labelled_groups(campaign.config.get("methods") or [])
    of_dataset = _labelled_groups(campaign.config.get("datasets") or [])
    for planned, result in zip(campaign.plan, campaign.results):
        key = {column: planned[field] for column, field in _CELL.items()}
        key["method_group"] = of_method.get(key["method"])
        key["dataset_group"] = of_dataset.get(key["dataset"])
        yield key, planned, result


def _labelled_groups(uses: list[Any]) -> dict[str, str | None]:
    """By label what `group:` says; a label is `as:`, else the name without a version."""
    groups = {}
    for use in uses:
        if isinstance(use, dict):
            name = use.get("name", use.get("reader", ""))
            groups[str(use.get("as", str(name).split("@")[0]))] = use.get("group")
    return groups


def _metric_columns(names: Iterable[str], fixed: list[str]) -> dict[str, str]:
    """By metric its column: its name, or metric_<name> where another column is called so."""
    return {name: f"metric_{name}" if name in fixed else name for name in names}


def _telling(campaign: Campaign, what: str) -> list[str]:
    """Metrics that tell their values of each of `what`, "documents" or "answers", in any cell."""
    told: set[str] = set()
    for result in campaign.results:
        told.update(_of_metrics(result, what))
    return [name for name in campaign.metrics if name in told]


def _of_metrics(result: dict[str, Any] | None, what: str) -> dict[str, Any]:
    metrics = result["metrics"].items() if result else []
    return {name: value[what] for name, value in metrics if value.get(what)}


def _targets(targets: Any) -> dict[str, Any]:
    """How many tokens are scored, and the first and the last; None where none is."""
    if isinstance(targets, dict):
        count, first, last = targets["count"], targets["first"], targets["last"]
    else:
        count = len(targets)
        first, last = (targets[0], targets[-1]) if targets else (None, None)
    return {"targets": count, "first_target": first, "last_target": last}


def _traces(
    campaign: Campaign, window: int | None, cell: dict[str, Any]
) -> Iterator[tuple[dict[str, Any], Path]]:
    """Trace files of the chosen cells by window, with the columns that say which."""
    unknown = [name for name in cell if name not in _CELL_COLUMNS]
    if unknown:
        got, expected = unknown[0], ", ".join(["window", *_CELL_COLUMNS])
        raise PressroomError(Problem("cells have no such column", "", expected, got))
    by_folder: dict[Path, list[Path]] = {}
    for key, planned, _ in _cells(campaign):
        wanted = (v if isinstance(v, (list, tuple, set)) else [v] for v in cell.values())
        if not all(key[name] in values for name, values in zip(cell, wanted)):
            continue
        result = campaign.directory / planned["file"]
        named = re.compile(re.escape(result.stem) + r"\.([0-9]{1,9})\.trace")
        if result.parent not in by_folder:
            by_folder[result.parent] = list(result.parent.glob("*.trace"))
        files = ((named.fullmatch(file.name), file) for file in by_folder[result.parent])
        for index, file in sorted((int(match.group(1)), file) for match, file in files if match):
            if window is None or index == window:
                yield dict(key, window=index), file
