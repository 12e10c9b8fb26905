"""Eviction traces: after which token every entry of a run left the cache, and by which score.

    trace = read_trace("results/quickstart/h2o_s0.9_ctx1024_seed42.0.trace")
    trace.left_after[3][0][17]    # 401: the last token whose query saw position 17 in that head

The format is in docs/traces.md.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from pathlib import Path
from typing import Any

from .sealed import read_bytes
from .trace_stream import Stream, score_of, signed, torn

_MAGIC = b"PRTRACE\n"
_MOST_ENTRIES = 2**30  # layers x heads x tokens


class Trace:
    """One document under one method. Layers, heads, positions and tokens are counted from 0.

    header: model, method, protocol, budget_tokens, positions, document, ids_sha256, kv_dtype
    tokens_per_step: [steps], tokens fed at once in each step; their sum is `tokens`
    left_after: [layer][kv_head][position], the last token whose query saw the entry; None where it
        was held at the end
    scores: of the same shape, the score by which it left, rounded to bfloat16; NaN where it never
        left, or its method chose by no score; None for a trace without scores
    """

    def __init__(self, header: dict[str, Any], tokens_per_step: list[int], scores: bool) -> None:
        self.header = header
        self.layers: int = header["layers"]
        self.kv_heads: int = header["kv_heads"]
        self.tokens: int = header["tokens"]
        self.tokens_per_step = tokens_per_step
        self.left_after: list[list[list[int | None]]] = []
        self.scores: list[list[list[float]]] | None = [] if scores else None

    def kept(self, layer: int, kv_head: int, last_token: int | None = None) -> list[int]:
        """Positions that the head holds once `last_token` - the last one: the document's - was fed
        and its step's eviction is done; ascending."""
        last = self.tokens - 1 if last_token is None else last_token
        left = self.left_after[layer][kv_head][: last + 1]
        return [position for position, after in enumerate(left) if after is None or after > last]


def read_trace(file: str | Path) -> Trace:
    """The trace in `file`. Raises PressroomError where it is not whole."""
    path = Path(file)
    return _Decoder(path, read_bytes(path, "check the path")).trace()


class _Decoder:
    def __init__(self, file: Path, content: bytes) -> None:
        self._file = file
        self._content = content
        self._at = len(_MAGIC)
        if not content.startswith(_MAGIC):
            torn(self._file, "an eviction trace of this program", "another file")
        if len(content) < 20 or zlib.crc32(content[:-4]) != self._number_at(len(content) - 4, "<I"):
            torn(self._file, "content with the CRC-32 at its end", "another one")

    def trace(self) -> Trace:
        version = self._number("<I")
        if version != 1:
            torn(self._file, "version 1 of the format", str(version))
        header = self._header()
        with_scores = header["scores"] is not None
        names = ["steps", "leaving", "rank low", "rank high"]
        names += ["score low", "score high"] if with_scores else []
        streams = {name: Stream(self._stream(name), name, self._file) for name in names}
        if self._at != len(self._content) - 4:
            torn(self._file, "the end after the last stream", "further bytes")
        trace = Trace(header, self._steps(streams["steps"], header["tokens"]), with_scores)
        for _ in range(trace.layers):
            heads = [self._head(trace, streams) for _ in range(trace.kv_heads)]
            trace.left_after.append([left for left, _ in heads])
            if trace.scores is not None:
                trace.scores.append([scores for _, scores in heads])
        for name, stream in streams.items():
            if not stream.done():
                torn(self._file, f'the end of "{name}" after the last head', "further bytes")
        return trace

    def _header(self) -> dict[str, Any]:
        text = self._piece(self._number("<I"), "header")
        try:
            header = json.loads(text.decode("utf-8"))
            room = _MOST_ENTRIES
            for name in ("layers", "kv_heads", "tokens"):
                if not isinstance(header[name], int) or not 1 <= header[name] <= room:
                    torn(self._file, f"at most {_MOST_ENTRIES} entries", f"{name} {header[name]}")
                room //= header[name]
            if header["scores"] not in (None, "bfloat16"):
                torn(self._file, "scores as bfloat16, or null", str(header["scores"]))
            return {"kv_dtype": "float32", **header}  # left out where it is that
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            torn(self._file, "the JSON header of a trace", str(error))

    def _stream(self, name: str) -> bytes:
        stored, size = self._number("<Q"), self._number("<Q")
        small = self._piece(stored, f'"{name}"')
        inflater = zlib.decompressobj()
        try:
            # No more than is said to be there: a short text may stand for gigabytes.
            content = inflater.decompress(small, size + 1)
        except zlib.error as error:
            torn(self._file, f'"{name}" in zlib\'s format', str(error))
        if len(content) != size or not inflater.eof or inflater.unused_data:
            torn(self._file, f'{size} bytes in "{name}"', "another number")
        return content

    def _steps(self, stream: Stream, tokens: int) -> list[int]:
        steps: list[int] = []
        left = tokens
        while not stream.done():
            width = stream.varint(left)
            times = stream.varint(left // max(width, 1))
            if width == 0 or times == 0:
                torn(self._file, "steps of at least one token", "an empty one")
            steps += [width] * times
            left -= width * times
        if left:
            torn(self._file, f"steps of {tokens} tokens in all", f"steps of {tokens - left}")
        return steps

    def _head(self, trace: Trace, streams: dict[str, Stream]) -> Any:
        left_after: list[int | None] = [None] * trace.tokens
        scores = [math.nan] * (trace.tokens if trace.scores is not None else 0)
        held: list[int] = []  # positions, oldest first
        fed = ordered = 0
        for width in trace.tokens_per_step:
            held.extend(range(fed, fed + width))
            fed += width
            rank = 0
            for _ in range(streams["leaving"].varint(len(held))):
                most = len(held) - 1 - rank
                low = streams["rank low"].byte()
                distance = low + (streams["rank high"].varint(max(most, 0) >> 8) << 8)
                if distance > most:
                    torn(self._file, f'at most {most} in "rank low"', str(distance))
                rank += distance
                position = held.pop(len(held) - 1 - rank)
                left_after[position] = fed - 1
                if scores:
                    change = streams["score low"].byte() | streams["score high"].byte() << 8
                    ordered = (ordered + signed(change)) & 0xFFFF
                    scores[position] = score_of(ordered)
        return left_after, scores

    def _number(self, how: str) -> int:
        self._at += struct.calcsize(how)
        if self._at > len(self._content) - 4:
            torn(self._file, "a whole file", "its end")
        return self._number_at(self._at - struct.calcsize(how), how)

    def _number_at(self, at: int, how: str) -> int:
        return int(struct.unpack_from(how, self._content, at)[0])

    def _piece(self, size: int, what: str) -> bytes:
        left = len(self._content) - 4 - self._at
        if size > left:
            torn(self._file, f"{size} bytes of {what}", f"{left} bytes")
        self._at += size
        return self._content[self._at - size : self._at]
