"""Files of a campaign's directory, read as strictly as the program does.

    plan = read_sealed(directory / "plan.json", "the plan", "pressroom.plan/1", RUN_AGAIN)

A sealed file is JSON whose last field, "sha256", is the SHA-256 of the rest written on one line,
without the field itself. The numbers of a file are the digits that were hashed, so its text is
hashed here as it stands, without the blanks between its parts: nothing is printed anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from .errors import PressroomError, Problem

RUN_AGAIN = "run the campaign again with this version"

_PARTS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[^ \t\r\n"]+')
_SEAL = re.compile(rb',"sha256":"([0-9a-f]{64})"\}$')


def read_bytes(file: Path, do: str = RUN_AGAIN) -> bytes:
    """The bytes of a file that has to be there. Raises PressroomError."""
    try:
        if file.exists() and not file.is_file():
            raise OSError("no regular file")
        return file.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise PressroomError(
            Problem(
                "a file of the campaign cannot be read",
                str(file),
                "a file that can be read",
                why.lower(),
                do if isinstance(error, FileNotFoundError) else "check its permissions",
            )
        ) from None


def is_torn(content: bytes) -> bool:
    """Whether a loss of power cut the file off: whoever wrote it counts as not having done so."""
    return not content or content.endswith(b"\0")


def parse_json(content: bytes, what: str, file: Path, do: str) -> dict[str, Any]:
    """The JSON object that `content` is. Raises PressroomError: "<what> is not whole"."""

    def refuse_constant(word: str) -> float:
        raise ValueError(f"{word} is no JSON")

    try:
        parsed = json.loads(content.decode("utf-8"), parse_constant=refuse_constant)
        if isinstance(parsed, dict):
            return parsed
        why = "JSON, but no object"
    except (ValueError, RecursionError) as error:
        why = str(error)
    raise PressroomError(Problem(f"{what} is not whole", str(file), "a JSON object", why, do))


def check_seal(content: bytes, what: str, file: Path, do: str) -> None:
    """Raises PressroomError where the text of a sealed file is not the one that was sealed."""
    compact = b"".join(_PARTS.findall(content))
    seal = _SEAL.search(compact)
    if not seal:
        raise PressroomError(
            Problem(
                f"{what} is not whole",
                str(file),
                'its SHA-256 as the last field, "sha256"',
                "none",
                do,
            )
        )
    found = hashlib.sha256(compact[: seal.start()] + b"}").hexdigest()
    expected = seal.group(1).decode()
    if found != expected:
        raise PressroomError(
            Problem(
                f"{what} was changed after it was written",
                str(file),
                f"content with SHA-256 {expected}",
                f"SHA-256 {found}",
                do,
            )
        )


def parse_sealed(content: bytes, what: str, schema: str, file: Path, do: str) -> dict[str, Any]:
    """The fields of a sealed file, `content`. Raises PressroomError where it is no whole JSON,
    names another schema or is not what was sealed."""
    fields = parse_json(content, what, file, do)
    # Before the sum: a whole file of another version must not be told as one that was changed.
    if fields.get("schema") != schema:
        raise PressroomError(
            Problem(
                f"{what} is of another version",
                str(file),
                schema,
                json.dumps(fields.get("schema")),
                "read it with the package of that version",
            )
        )
    check_seal(content, what, file, do)
    return fields


def check_sha256(content: bytes, sha256: str, file: Path) -> None:
    """Raises PressroomError where `content` is not what the plan has the SHA-256 of."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise PressroomError(
            Problem(
                "a file of the campaign was changed after it was written",
                str(file),
                f"content with SHA-256 {sha256}",
                f"SHA-256 {found}",
                "put the old content back, or run the campaign again in another directory",
            )
        )
