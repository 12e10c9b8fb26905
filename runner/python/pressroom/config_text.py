"""config.yaml of a campaign's directory, as the program writes it: a small part of YAML.

    parse_config("methods:\\n  - {name: h2o, recent: 0.5}\\n")
    # {"methods": [{"name": "h2o", "recent": 0.5}]}

There are mappings and lists of blocks, two spaces deeper each; inline {..} and [..]; scalars that
are bare or in double quotes. It is no reader of what people write: a config of theirs goes to the
program as it is.
"""

from __future__ import annotations

import json
import re
from typing import Any

_SCALAR = re.compile(r"[^\s,\[\]{}\"'*&!|>%@`][^\s,\[\]{}\"']*")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_KEY = re.compile(r'("(?:[^"\\]|\\.)*"|[^\s:"]+):(?= |$)')
_STRING = json.JSONDecoder()  # what is in double quotes reads as JSON and as YAML alike


def parse_config(text: str) -> dict[str, Any]:
    """Texts, numbers, truth values, lists and mappings. Raises ValueError, with the line."""
    lines = [line for line in text.split("\n") if line.strip()]
    value, after = _block(lines, 0, 0)
    if not lines or after != len(lines) or not isinstance(value, dict):
        raise ValueError(f"not as the program writes it: {(lines[after:] or ['its end'])[0]}")
    return value


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _block(lines: list[str], at: int, indent: int) -> tuple[Any, int]:
    """The mapping or list whose lines begin `indent` deep at line `at`, and the line after it."""
    items: list[Any] = []
    entries: dict[str, Any] = {}
    while at < len(lines) and _indent(lines[at]) == indent:
        line = lines[at][indent:]
        if line.startswith("- "):
            items.append(_whole_inline(line[2:]))
            at += 1
            continue
        key = _KEY.match(line)
        if not key:
            raise ValueError(f"no key: {line}")
        name = json.loads(key.group(1)) if line.startswith('"') else key.group(1)
        rest = line[key.end() :].strip()
        at += 1
        if rest:
            entries[name] = _whole_inline(rest)
        elif at < len(lines) and _indent(lines[at]) > indent:
            entries[name], at = _block(lines, at, _indent(lines[at]))
        else:
            entries[name] = None
    if items and entries:
        raise ValueError(f"a list and a mapping in one: {lines[at - 1]}")
    return (items or entries), at


def _whole_inline(text: str) -> Any:
    value, at = _inline(text, 0)
    if text[at:].strip():
        raise ValueError(f"more than one value: {text}")
    return value


def _inline(text: str, at: int) -> tuple[Any, int]:
    """The inline value that begins at `at`, and where it ends."""
    at = _skip(text, at)
    if text.startswith('"', at):
        return _STRING.raw_decode(text, at)
    if text.startswith("[", at):
        return _inline_list(text, at + 1)
    if text.startswith("{", at):
        return _inline_map(text, at + 1)
    scalar = _SCALAR.match(text, at)
    if not scalar:
        raise ValueError(f"no value: {text[at:]}")
    return _plain(scalar.group()), scalar.end()


def _inline_list(text: str, at: int) -> tuple[list[Any], int]:
    items: list[Any] = []
    at = _skip(text, at)
    while not text.startswith("]", at):
        item, at = _inline(text, at)
        items.append(item)
        at = _next(text, at, "]")
    return items, at + 1


def _inline_map(text: str, at: int) -> tuple[dict[str, Any], int]:
    entries: dict[str, Any] = {}
    at = _skip(text, at)
    while not text.startswith("}", at):
        key = _KEY.match(text, at)
        if not key:
            raise ValueError(f"no key: {text[at:]}")
        name = json.loads(key.group(1)) if key.group(1).startswith('"') else key.group(1)
        entries[name], at = _inline(text, key.end())
        at = _next(text, at, "}")
    return entries, at + 1


def _next(text: str, at: int, end: str) -> int:
    """Past the comma before the next item, or at the bracket that ends the list or mapping."""
    at = _skip(text, at)
    if text.startswith(",", at):
        return _skip(text, at + 1)
    if text.startswith(end, at):
        return at
    raise ValueError(f"no {end}: {text}")


def _skip(text: str, at: int) -> int:
    while text.startswith(" ", at):
        at += 1
    return at


def _plain(word: str) -> Any:
    if word in ("true", "false"):
        return word == "true"
    if word in ("null", "~"):
        return None
    number = _NUMBER.fullmatch(word)
    if not number:
        return word
    return float(word) if number.group(1) or number.group(2) else int(word)
