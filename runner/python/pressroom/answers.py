"""The files of a campaign's answers, beside those of its cells.

    documents = read_answers(directory / "h2o_s0.5_ctx512_seed42.json", result["content_key"])
    documents[0]["answers"][2]["text"]
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .errors import PressroomError, Problem
from .sealed import is_torn, parse_sealed, read_bytes

_ANSWERS = "pressroom.answers/1"
_FIX = "delete it with the result beside it, and run the campaign again"
# Those of an answer that a frame has.
ANSWER_FIELDS = (
    *("id", "question", "expected", "references", "options"),
    *("is_exact", "is_generated", "text", "is_cut", "evidence_held"),
)


def read_answers(cell_file: Path, content_key: str | None) -> list[dict[str, Any]] | None:
    """The documents of the cell in `cell_file`, each with its answers, as the file beside it has
    them; None where there is none, where a loss of power left it torn, or where it belongs to
    another result than that with `content_key`. Raises PressroomError where it is not whole."""
    file = cell_file.with_name(cell_file.name[: -len(".json")] + ".answers.json")
    if not os.path.lexists(file):
        return None
    content = read_bytes(file)
    if is_torn(content):
        return None
    stored = parse_sealed(content, "a file of answers", _ANSWERS, file, _FIX)
    try:
        if stored["content_key"] != content_key:
            return None
        documents: list[dict[str, Any]] = list(stored["documents"])
        for document in documents:
            for answer in document["answers"]:
                _ = [answer[field] for field in ANSWER_FIELDS]
    except (KeyError, TypeError) as error:
        got = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise PressroomError(
            Problem(
                "a file of answers is not whole",
                str(file),
                "the answers of a cell, of this version",
                got,
                _FIX,
            )
        ) from None
    return documents
