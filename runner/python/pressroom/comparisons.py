"""significance_tests.json, held against the cells that its tests were made of.

The file has no seal. results.json is written with it and has the value of every metric and seed:
where a cell has another one, the tests are of an earlier state of the directory.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .errors import PressroomError, Problem
from .frames import frame_of, number
from .sealed import parse_json, read_bytes

if TYPE_CHECKING:
    import pandas

_Key = tuple[str, int, str, int]  # dataset, context, method, budget
_DO = "run the campaign again: what is there is not run again, and the tests are made anew"


def read_tests(
    directory: Path, plan: list[dict[str, Any]], results: list[dict[str, Any] | None]
) -> dict[str, Any]:
    """The tests by name. Raises PressroomError where cells are still to be run, the files are not
    there, or they are of other results."""
    missing = sum(result is None for result in results)
    if missing:
        got = f"{missing} of {len(plan)} cells to run"
        _refuse("there are no tests yet", directory, "all cells, run or failed", got)
    files = [directory / "significance_tests.json", directory / "results.json"]
    tests, summary = (parse_json(read_bytes(file, _DO), "the summary", file, _DO) for file in files)
    try:
        known = _values_of_groups(summary)
        compared = {
            group["versus_dense"]["test"] for group in summary["groups"] if _is_tested(group)
        }
    except (KeyError, TypeError, ValueError) as error:
        _refuse("the summary is not whole", files[1], "the file that a run writes", str(error))
    for planned, result in zip(plan, results):
        key = (
            planned["dataset"],
            planned["context_length"],
            planned["method"],
            planned["budget_tokens"],
        )
        for name, value in (result["metrics"] if result else {}).items():
            # Infinities are words in a cell, and have no number in results.json.
            if isinstance(value["value"], str):
                continue
            if value["value"] not in known.get(key, {}).get(name, set()):
                got = f"another {name} of {planned['method']}, seed {planned['seed']}"
                _refuse("the tests are not of these results", files[1], "what the cells say", got)
    if not compared <= set(tests):
        got = "without " + min(compared - set(tests))
        _refuse("the tests are not of these results", files[0], "every test of results.json", got)
    return tests


def comparisons_frame(tests: dict[str, Any]) -> pandas.DataFrame:
    rows = [{"name": name, **_flat(test)} for name, test in tests.items()]
    return frame_of(rows, _columns(rows, ["name", "first", "second"]))


def compared_frame(report: dict[str, Any]) -> pandas.DataFrame:
    """Of what `pressroom compare --format json` prints."""
    rows = []
    for family in report["families"]:
        # What is said of the family as a whole: "family" is its name.
        whole = {k: v for k, v in family.items() if k not in ("comparisons", "tests")}
        whole["family"] = whole.pop("name", "")
        rows += [{**whole, **_flat(one)} for one in family["comparisons"]]
    return frame_of(rows, _columns(rows, ["family"]))


def _flat(fields: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields joined by "_", and of an interval its two ends."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{name}_"))
        elif name.endswith("ci95"):
            low, high = value if isinstance(value, list) else (None, None)
            flat[f"{prefix}{name}_low"], flat[f"{prefix}{name}_high"] = number(low), number(high)
        else:
            flat[prefix + name] = math.nan if value is None else value
    return flat


def _columns(rows: list[dict[str, Any]], least: list[str]) -> list[str]:
    """Every column of any row, in the order of their first appearance; `least` where none has."""
    return list(dict.fromkeys(name for row in rows for name in row)) or least


def _is_tested(group: dict[str, Any]) -> bool:
    return bool(group.get("versus_dense")) and "test" in group["versus_dense"]


def _values_of_groups(summary: dict[str, Any]) -> dict[_Key, dict[str, set[Any]]]:
    """By group and metric the values of its seeds."""
    known: dict[_Key, dict[str, set[Any]]] = {}
    for group in summary["groups"]:
        key = (
            group["dataset"],
            group["context_tokens"],
            group["method"],
            group["budget_tokens"],
        )
        for name, metric in group["metrics"].items():
            known.setdefault(key, {}).setdefault(name, set()).update(metric["per_seed"])
    return known


def _refuse(what: str, where: Path, expected: str, got: str) -> NoReturn:
    raise PressroomError(Problem(what, str(where), expected, got, _DO))
