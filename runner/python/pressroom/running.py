"""A campaign run by the program, and followed.

    campaign = run("quickstart.yaml", documents=4, seeds=[1, 2], out="results/small")
    campaign = run({"name": "mine", "model": "starter", ...}, set={"protocol.context": 512})

The program does the work, in processes of its own; here is how it is started, heard and ended.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Union

from .campaign import Campaign
from .errors import Interrupted, PressroomError, Problem, problems_of_program
from .loading import load
from .program import PathLike, find_program

# Flags of `pressroom run`, by how their values are written: as YAML, which JSON is, as words, and
# those that have none.
_VALUES = (
    *("methods", "datasets", "sparsity", "context", "documents", "seeds", "model", "engine"),
    *("device", "dtype", "threads", "retries"),
    *("limit_seconds", "limit_stall_seconds", "limit_memory_mb"),
)
_WORDS = ("workers", "time", "reuse", "plugin_dir")
_SWITCHES = ("check_views", "locked", "in_process", "extend")

Progress = Union[bool, Callable[[str], None]]


def run(
    config: Mapping[str, Any] | PathLike,
    *,
    out: PathLike | None = None,
    progress: Progress = True,
    **overrides: Any,
) -> Campaign:
    """Runs a campaign, or finishes one: cells that are in its directory are not run again.

    config: the path of a campaign file, or the same as a dict, whose relative paths start at the
    current folder; messages call it "config", with its lines as JSON with one key or item a line.
    out: the campaign's directory, else results/<name>. overrides are the flags of
    `pressroom run`: documents=4, seeds=[1, 2], methods=["dense", {"name": "h2o", "recent": 48}],
    workers=2, plugin_dir="build", reuse=["results/old"], locked=True; and any key of the config by
    set={"protocol.context": 512}. progress: whether what the program says while it runs goes to
    sys.stderr, or a function that is given each line.

    Where cells failed or results contradict themselves the campaign is returned all the same: see
    `failed`. Raises PressroomError with the program's words where the request was wrong, and
    Interrupted after Ctrl-C, which is passed on (the second one kills), or at a limit of `time`.
    """
    words = flags_of(overrides)
    if out is not None:
        words += ["--out", os.fspath(out)]
    with _config_file(config) as file, tempfile.TemporaryFile() as printed:
        command = [find_program(), "run", file, *words]
        # A group of its own: a terminal's Ctrl-C would reach the program twice.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        said, interrupts = _follow(process, progress, file if isinstance(config, Mapping) else "")
        printed.seek(0)
        table = printed.read().decode("utf-8", "replace")
    if process.returncode == 3 or (interrupts and process.returncode != 0):
        where = Path(out) if out is not None else None
        raise Interrupted("the run was interrupted; run the same again to finish it", where)
    if process.returncode not in (0, 1):
        raise PressroomError(problems_of_program(said))
    campaign = load(out if out is not None else _place_of_results(table))
    if interrupts:
        raise Interrupted("interrupted; the run was at its end", campaign.directory)
    return campaign


def flags_of(overrides: Mapping[str, Any]) -> list[str]:
    """Overrides as words of the command line. Raises PressroomError for a name that is no flag."""
    words: list[str] = []
    for name, value in overrides.items():
        flag = "--" + name.replace("_", "-")
        values = value if isinstance(value, (list, tuple)) else [value]
        if name == "set":
            for key, one in value.items():
                words += ["--set", f"{key}={_yaml(one)}"]
        elif name in _VALUES:
            words += [flag, *map(_yaml, values)]
        elif name in _WORDS:
            for one in values:
                words += [flag, os.fspath(one) if isinstance(one, os.PathLike) else str(one)]
        elif name in _SWITCHES:
            words += [flag] if value else []
        else:
            known = ["set", *_VALUES, *_WORDS, *_SWITCHES]
            close = difflib.get_close_matches(name, known, 1)
            do = f'did you mean "{close[0]}"?' if close else 'give it as set={"key": value}'
            raise PressroomError(
                Problem("run() has no such override", "", ", ".join(known), name, do)
            )
    return words


def _yaml(value: Any) -> str:
    """`value` as inline YAML: JSON is, but for the escapes of letters beyond the first 65,536."""
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: Any) -> Any:
    """What JSON does not know: paths and NumPy's numbers and lists."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"a config has texts, numbers, lists and mappings, not {type(value).__name__}")


@contextmanager
def _config_file(config: Mapping[str, Any] | PathLike) -> Iterator[str]:
    """The path of the config; a dict is a file in the current folder meanwhile, where its relative
    paths start."""
    if not isinstance(config, Mapping):
        yield os.fspath(config)
        return
    text = json.dumps(config, ensure_ascii=False, allow_nan=False, indent=1, default=_plain)
    try:
        number, file = tempfile.mkstemp(".json", ".pressroom-config-", os.getcwd())
    except OSError as error:
        raise PressroomError(
            Problem(
                "the config cannot be written",
                os.getcwd(),
                "a folder that can be written: the paths in a dict start here",
                error.strerror or str(error),
                "write the config to a file elsewhere and give its path",
            )
        ) from None
    try:
        with open(number, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
        yield file
    finally:
        os.unlink(file)


def _follow(process: subprocess.Popen[bytes], progress: Progress, hidden: str) -> tuple[str, int]:
    """Waits for the program; what it said, and how often it was interrupted from here. A file
    `hidden` is called "config"."""
    tell = progress if callable(progress) else _to_stderr if progress else None
    lines: list[str] = []
    interrupts = 0
    try:
        while True:
            try:
                line = process.stderr.readline() if process.stderr else b""
                if not line:
                    process.wait()
                    break
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                lines.append(text.replace(hidden, "config") if hidden else text)
                if tell:
                    tell(lines[-1])
            except KeyboardInterrupt:
                interrupts += 1
                process.send_signal(signal.SIGINT)
    finally:
        if process.poll() is None:  # whoever was told raised something
            process.send_signal(signal.SIGINT)
            process.wait()
        if process.stderr:
            process.stderr.close()
    return "\n".join(lines), interrupts


def _place_of_results(table: str) -> str:
    """The campaign's directory, as the program says below its table."""
    found = re.search(r"^results are in (.*); pressroom report", table, re.MULTILINE)
    if found:
        return found.group(1)
    raise PressroomError(
        Problem("the program does not say where its results are", got=table, do="give out=")
    )


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
