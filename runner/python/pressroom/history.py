"""The configs that a campaign's directory had before its present one: history/1, history/2, ...

    for past in campaign.history:
        print(past.ended, past.changes)     # 2027-05-01T10:00:00Z ['h2o.recent 0.5 -> 0.3']

The plan of the directory is that of the present one; results of past ones are found here alone.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from .sealed import parse_sealed, read_bytes

_SCHEMA = "pressroom.history/1"
_DO = "put back the file as it was; the results beside it are not touched"


class PastConfig(NamedTuple):
    """One of them."""

    number: int  # the first is 1
    directory: Path  # has its config.yaml, its plan.json and the results that left the plan with it
    began: str  # UTC, "2027-05-01T10:00:00Z"; "" where it is not known
    ended: str  # UTC: when the next one took its place
    changes: list[str]  # what the next one changed, in words


def read_history(directory: Path) -> list[PastConfig]:
    """The oldest first. Raises PressroomError where a file of the history is not whole."""
    unfinished = unfinished_extension(directory)
    past = []
    for folder in past_folders(directory):
        if folder == unfinished:
            continue
        file = folder / "history.json"
        record = parse_sealed(read_bytes(file, _DO), "the record of a config", _SCHEMA, file, _DO)
        began, ended, changes = (record.get(name) for name in ("began", "ended", "changes"))
        number = int(folder.name)
        past.append(PastConfig(number, folder, began or "", ended or "", list(changes or [])))
    return past


def past_folders(directory: Path) -> list[Path]:
    """The oldest first; other folders are those of a config that was being put aside."""
    folders = (directory / "history").glob("*")
    numbered = [f for f in folders if re.fullmatch("[1-9][0-9]{0,8}", f.name) and f.is_dir()]
    return sorted(numbered, key=lambda folder: int(folder.name))


def unfinished_extension(directory: Path) -> Path | None:
    """The folder of the present plan, where an extension was interrupted before the next plan was
    there: files of the present config may lie in it alone."""
    for folder in past_folders(directory)[-1:]:
        plans = [place / "plan.json" for place in (directory, folder)]
        present, aside = (plan.read_bytes() if plan.is_file() else b"" for plan in plans)
        if present and present == aside:
            return folder
    return None
