"""The streams of numbers that an eviction trace consists of; docs/traces.md has the format."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NoReturn

from .errors import PressroomError, Problem


class Stream:
    """Numbers of one of the streams, taken from its front."""

    def __init__(self, content: bytes, name: str, file: Path) -> None:
        self._content = content
        self._name = name
        self._file = file
        self._at = 0

    def done(self) -> bool:
        return self._at == len(self._content)

    def byte(self) -> int:
        if self.done():
            torn(self._file, f'another number in "{self._name}"', "its end")
        self._at += 1
        return self._content[self._at - 1]

    def varint(self, most: int) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if value > most:
                torn(self._file, f'at most {most} in "{self._name}"', str(value))
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                torn(self._file, f'numbers of 64 bits in "{self._name}"', "a longer one")


def torn(file: Path, expected: str, got: str) -> NoReturn:
    do = "run its campaign again"
    raise PressroomError(Problem("the trace is not whole", str(file), expected, got, do))


def signed(change: int) -> int:
    """2d as d, and -2d - 1 as d where d is negative."""
    return -(change >> 1) - 1 if change & 1 else change >> 1


def score_of(ordered: int) -> float:
    """The bfloat16 behind a number that is monotone in it."""
    bits = ordered ^ 0x8000 if ordered & 0x8000 else ordered ^ 0xFFFF
    return float(struct.unpack("<f", struct.pack("<I", bits << 16))[0])
