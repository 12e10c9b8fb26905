"""How this package says that something is wrong: in the parts that the program's messages have.

    try:
        campaign = pressroom.load("results/quickstart")
    except pressroom.PressroomError as error:
        print(error)                      # the whole message
        print(error.problems[0].do)       # "run the campaign again: ..."

Nothing here prints.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

_PLACE = re.compile(r"(.*?:[0-9]+:[0-9]+): ")  # file:line:column


class Problem(NamedTuple):
    """One mistake; a part that is not known is ""."""

    what: str  # one clause: "a result was changed after it was written"
    where: str = ""  # a path, or a place in a file
    expected: str = ""
    got: str = ""
    do: str = ""  # the next thing to do

    def text(self) -> str:
        """The message, one part a line, as the program prints it."""
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        for name, part in (("expected", self.expected), ("got", self.got), ("do", self.do)):
            if part:
                lines.append(f"  {name + ':':<9} {part}")
        return "\n".join(lines)


class PressroomError(Exception):
    """What can be put right by whoever reads it: one problem, or several found together.

    what, where, expected, got and do are those of the first problem.
    """

    def __init__(self, problems: Problem | Sequence[Problem]) -> None:
        self.problems: list[Problem] = (
            [problems] if isinstance(problems, Problem) else list(problems)
        )
        super().__init__("\n".join(problem.text() for problem in self.problems))
        self.what, self.where, self.expected, self.got, self.do = self.problems[0]


class Interrupted(KeyboardInterrupt):
    """A run ended before its last cell, by Ctrl-C or its time limit; the same call finishes it.

    It is a KeyboardInterrupt, so that a loop with `except Exception` ends at Ctrl-C, too.
    """

    def __init__(self, message: str, directory: Path | None = None) -> None:
        super().__init__(message)
        self.directory = directory  # where it was told to run; None where it chose


def problems_of_program(text: str) -> list[Problem]:
    """The errors in what the program wrote to standard error; the whole text where it has none.

    `where` is a place in a config, "a.yaml:6:23"; any other stands at the begin of `what`, as it
    cannot be told from it for certain.
    """
    problems: list[Problem] = []
    for line in text.splitlines():
        if line.startswith("error: "):
            head = line[len("error: ") :]
            place = _PLACE.match(head)
            where = place.group(1) if place else ""
            problems.append(Problem(head[place.end() :] if place else head, where))
            continue
        for part in ("expected", "got", "do"):
            head = f"  {part + ':':<9} "
            if problems and line.startswith(head):
                problems[-1] = problems[-1]._replace(**{part: line[len(head) :]})
    return problems or [Problem(text.strip() or "the program said nothing")]
