"""The program, called: where it is, and what its exit codes mean."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Union

from .errors import PressroomError, Problem, problems_of_program

PathLike = Union[str, "os.PathLike[str]"]

_PREFIX = [os.pardir] * 5  # from PREFIX/share/pressroom/python/pressroom/program.py
_COMPARE_OPTIONS = ("baseline", "margin", "pairs", "at_measured", "metric")


def find_program() -> str:
    """The program: what the environment's PRESSROOM names, else that of the prefix in which this
    package was installed (PREFIX/share/pressroom/python), else the one on PATH. Raises
    PressroomError."""
    named = os.environ.get("PRESSROOM", "")
    beside = os.path.normpath(os.path.join(os.path.realpath(__file__), *_PREFIX, "bin/pressroom"))
    for candidate in [named] if named else [beside, "pressroom"]:
        found = shutil.which(candidate)
        if found:
            return found
    raise PressroomError(
        Problem(
            "the program cannot be found",
            named,
            f"$PRESSROOM, {beside}, or pressroom on PATH",
            "no program there",
            "install Pressroom, or set PRESSROOM to its program",
        )
    )


def report(directory: Path, out: PathLike | None, figures: bool) -> Path:
    """`pressroom report`: where the page lies."""
    words = ["report", os.fspath(directory)]
    words += ["--out", os.fspath(out)] if out is not None else []
    words += [] if figures else ["--no-figures"]
    _call(words)
    return Path(out) if out is not None else directory / "report.html"


def compare(directories: Sequence[Path], options: dict[str, Any]) -> dict[str, Any]:
    """What `pressroom compare --format json` prints."""
    words = ["compare", *(os.fspath(directory) for directory in directories), "--format", "json"]
    for name, value in options.items():
        if name not in _COMPARE_OPTIONS:
            expected = ", ".join(_COMPARE_OPTIONS)
            raise PressroomError(Problem("compare() has no such option", "", expected, name))
        flag = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            words += [flag] if value else []
            continue
        for one in value if isinstance(value, (list, tuple)) else [value]:
            words += [flag, str(one)]
    return dict(json.loads(_call(words)))


def _call(words: list[str]) -> str:
    """Standard output of `pressroom WORDS`. Raises PressroomError, with what the program said,
    where it did not do what was asked; results that contradict themselves are no such reason."""
    ended = subprocess.run(
        [find_program(), *words], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    if ended.returncode not in (0, 1):
        raise PressroomError(problems_of_program(ended.stderr.decode("utf-8", "replace")))
    return ended.stdout.decode("utf-8", "replace")
