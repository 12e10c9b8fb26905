"""Figures of normalization form C over the whole of Unicode, from two implementations.

    pip install tokenizers==0.22.2 unicodedata2==17.0.0
    python make_nfc.py nfc.json

Each figure is the SHA-256 of normalized strings, in UTF-8, a line end after each. `alone` has every
code point but the surrogates. `pairs` has one of `before` and one of `after` each, those in ranges of
first and last; `triples` one of `before` and two of `after`, drawn by a linear congruence. These are
characters of Unicode 9 that take part in compositions, jamo and Hangul syllables, and one of each
combining class: for them the tokenizers library (whose tables are of Unicode 9) and Python's
unicodedata (of Unicode 17) must agree, or nothing is written. `young` are the characters with a
combining class or a composition that Unicode got in between: `young_pairs` has one of `before` and one
of these, `young_firsts` one of these and one of `after`, and the figures are the library's.
"""

import hashlib
import json
import sys

import unicodedata2 as unicodedata
from tokenizers import normalizers

LIBRARY = normalizers.NFC()
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
TRIPLES = 100000


def to_nfc(text):
    mine = LIBRARY.normalize_str(text)
    assert mine == unicodedata.normalize("NFC", text), [hex(ord(c)) for c in text]
    return mine


def known_to_library(code):
    """Whether the library knows the combining class and the decomposition of a code point."""
    character = chr(code)
    if unicodedata.decomposition(character) and not character.isascii():
        form = unicodedata.normalize("NFD", character)
        return LIBRARY.normalize_str(form) == unicodedata.normalize("NFC", form)
    mark = "\u0315" if unicodedata.combining(character) < 232 else "\u0300"
    if unicodedata.combining(character) == unicodedata.combining(mark):
        return True
    for text in ("a" + mark + character, "a" + character + mark):
        if LIBRARY.normalize_str(text) != unicodedata.normalize("NFC", text):
            return False
    return True


def compositions(known):
    for code in SCALARS:
        form = unicodedata.decomposition(chr(code))
        if not form or form.startswith("<") or " " not in form or known_to_library(code) != known:
            continue
        first, second = (int(part, 16) for part in form.split())
        if unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(code):
            yield code, first, second


def ranges(codes):
    result = []
    for code in sorted(set(codes)):
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def codes_of(pairs):
    return [code for first, last in pairs for code in range(first, last + 1)]


def digest(texts):
    total = hashlib.sha256()
    for text in texts:
        total.update(text.encode("utf-8") + b"\n")
    return total.hexdigest()


def triples(before, after):
    state = 1
    def draw(bound):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % bound
    for _ in range(TRIPLES):
        first = before[draw(len(before))]
        second = after[draw(len(after))]
        yield chr(first) + chr(second) + chr(after[draw(len(after))])


def main():
    marks = [c for c in SCALARS if unicodedata.combining(chr(c))]
    old_marks = [c for c in marks if known_to_library(c)]
    classes = {unicodedata.combining(chr(c)): c for c in reversed(old_marks)}
    results, firsts, seconds = zip(*compositions(known=True))
    jamo = list(range(0x1100, 0x1200))
    syllables = list(range(0xAC00, 0xD7A4, 28)) + list(range(0xAC01, 0xD7A4, 509))
    before = ranges([ord("a"), 0x3042, *results, *firsts, *old_marks, *jamo, *syllables])
    after = ranges([ord("a"), *seconds, *classes.values(), *range(0x1155, 0x11C8)])
    parts = {c for composition in compositions(known=False) for c in composition}
    young = {c for c in marks if not known_to_library(c)} | parts
    young = ranges(young - set(codes_of(before)) - set(codes_of(after)))
    b, a, y = codes_of(before), codes_of(after), codes_of(young)
    figures = {
        "before": before,
        "after": after,
        "young": young,
        "alone": digest(to_nfc(chr(c)) for c in SCALARS),
        "pairs": digest(to_nfc(chr(m) + chr(n)) for m in b for n in a),
        "triples": digest(to_nfc(text) for text in triples(b, a)),
        "young_pairs": digest(LIBRARY.normalize_str(chr(m) + chr(n)) for m in b for n in y),
        "young_firsts": digest(LIBRARY.normalize_str(chr(m) + chr(n)) for m in y for n in a),
    }
    with open(sys.argv[1], "w", encoding="ascii") as out:
        json.dump(figures, out, separators=(",", ":"))
        out.write("\n")


main()
