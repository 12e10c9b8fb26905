"""load(): the files of a campaign's directory, read and checked."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import Any

from .campaign import Campaign
from .config_text import parse_config
from .errors import PressroomError, Problem
from .history import unfinished_extension
from .program import PathLike
from .sealed import RUN_AGAIN, check_sha256, is_torn, parse_json, parse_sealed, read_bytes

_PLAN = "pressroom.plan/1"
_CELL = "pressroom.cell/2"
_FIX_PLAN = "run the campaign again: it writes its plan anew"
_FIX_CELL = "delete the file and run the campaign again"
# What a cell is, in the plan and in its own file.
_CELL_FIELDS = (
    "method",
    "sparsity",
    "budget_tokens",
    "dataset",
    "context_length",
    "seed",
    "protocol",
    "positions",
    "kv_dtype",
)
# Of these what the files leave out.
_USUAL = {"kv_dtype": "float32"}


def load(directory: PathLike, *, unfinished: bool = False) -> Campaign:
    """The campaign in `directory`. Raises PressroomError with every problem found: no campaign, one
    of another version, files that are damaged, were changed, or hold another cell than their name
    says; and, without `unfinished`, cells that were not run yet."""
    place = Path(directory)
    _require_campaign(place)
    plan = _read_plan(place / "plan.json")
    problems: list[Problem] = []
    parts: dict[str, dict[str, Any]] = {"config.yaml": {}, "provenance.json": {}}
    sums = {"config.yaml": "config_sha256", "provenance.json": "provenance_sha256"}
    extending = unfinished_extension(place)
    for name in parts:
        try:
            parts[name] = _read_planned(place / name, plan[sums[name]], extending)
        except PressroomError as error:
            problems += error.problems
    results: list[dict[str, Any] | None] = []
    for planned in plan["cells"]:
        try:
            file = _aside(place / planned["file"], planned["file"], extending)
            results.append(_read_cell(file, planned))
        except PressroomError as error:
            problems += error.problems
    if problems:
        raise PressroomError(problems)
    campaign = Campaign(place, parts["config.yaml"], plan, parts["provenance.json"], results)
    if not unfinished and campaign.finished < len(campaign.plan):
        raise PressroomError(
            Problem(
                "the campaign is not finished",
                str(place),
                f"{len(campaign.plan)} cells",
                f"{campaign.finished}",
                "run it to its end, or load(..., unfinished=True) what there is",
            )
        )
    return campaign


def _require_campaign(directory: Path) -> None:
    def refuse(what: str, got: str, do: str) -> None:
        raise PressroomError(Problem(what, str(directory), "the directory of a campaign", got, do))

    if not directory.exists():
        refuse("the campaign's directory is not there", "no such directory", "check the path")
    if not directory.is_dir():
        refuse("the campaign is no directory", "a file", "give the directory that it is in")
    if not (directory / "plan.json").exists():
        refuse(
            "there is no campaign here",
            "no plan.json",
            "give the --out of a run, or results/<name>",
        )


def _read_plan(file: Path) -> dict[str, Any]:
    plan = parse_sealed(read_bytes(file), "the plan", _PLAN, file, _FIX_PLAN)
    problems: list[Problem] = []
    seen = set()
    try:
        for planned in plan["cells"]:
            name = planned["file"]
            # A plan comes from whoever gave the directory away: it may name no file outside of it.
            if name.startswith("/") or name.endswith("/") or ".." in PurePosixPath(name).parts:
                what = "the plan names a file outside of its directory"
                expected = "a path relative to the directory"
                problems.append(Problem(what, str(file), expected, name, _FIX_PLAN))
            elif name in seen:
                what = "the plan names a file twice"
                problems.append(Problem(what, str(file), "a file for each cell", name, _FIX_PLAN))
            seen.add(name)
            planned.update({**_USUAL, **planned})
            _ = [planned[field] for field in _CELL_FIELDS]
        _ = plan["name"] + plan["config_sha256"] + plan["provenance_sha256"]
    except (AttributeError, KeyError, TypeError) as error:
        problems.append(_not_whole("the plan", file, error, _FIX_PLAN))
    if problems:
        raise PressroomError(problems)
    return plan


def _aside(file: Path, name: str, unfinished: Path | None) -> Path:
    """Where a result lies that an interrupted extension may have put aside."""
    if unfinished and not os.path.lexists(file) and os.path.lexists(unfinished / name):
        return unfinished / name
    return file


def _read_planned(file: Path, sha256: str, unfinished: Path | None) -> dict[str, Any]:
    content = read_bytes(file)
    # The next config's may be there already.
    before = unfinished / file.name if unfinished else file
    if hashlib.sha256(content).hexdigest() != sha256 and before.is_file():
        content = before.read_bytes()
    check_sha256(content, sha256, file)
    if file.suffix == ".json":
        return parse_json(content, "the provenance", file, RUN_AGAIN)
    try:
        return parse_config(content.decode("utf-8"))
    except ValueError as error:
        raise PressroomError(_not_whole("the config", file, error, RUN_AGAIN)) from None


def _read_cell(file: Path, planned: dict[str, Any]) -> dict[str, Any] | None:
    # What is missing is still to be run. What cannot be looked at is an error, not work to do.
    if not os.path.lexists(file):
        return None
    content = read_bytes(file)
    if is_torn(content):
        return None
    result = parse_sealed(content, "a result", _CELL, file, _FIX_CELL)
    try:
        result["cell"].update({**_USUAL, **result["cell"]})
        expected = {field: planned[field] for field in _CELL_FIELDS}
        found = {field: result["cell"][field] for field in _CELL_FIELDS}
        _ = result["error"], result["seconds"], list(result["documents"]), dict(result["metrics"])
    except (KeyError, TypeError, ValueError) as error:
        raise PressroomError(_not_whole("a result", file, error, _FIX_CELL)) from None
    if expected == found:
        return result
    what = "a file holds another cell than the plan says"
    raise PressroomError(Problem(what, str(file), str(expected), str(found), _FIX_CELL))


def _not_whole(what: str, file: Path, error: Exception, do: str) -> Problem:
    got = f"no {error}" if isinstance(error, KeyError) else str(error)
    return Problem(f"{what} is not whole", str(file), "one as this version writes it", got, do)
