#!/usr/bin/env python3
"""Compares `pressroom tokenize` with the Python library `tokenizers`: ids and speed, on one core.

    RAYON_NUM_THREADS=1 tests/peers/tokenizers.py PRESSROOM TOKENIZER.json[,...] TEXT...

Prints a line for each tokenizer; exits with 1 when the ids of any text differ. Pressroom's time is
that of the whole process less that of one with an empty text; the library's is that of encode.
"""

import json
import os
import subprocess
import sys
import time


def without_this_folder():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]


without_this_folder()  # this file is called like the library
from tokenizers import Tokenizer  # noqa: E402


def tokenize(pressroom, vocabulary, text):
    command = [pressroom, "tokenize", "--tokenizer", vocabulary, "-"]
    begin = time.perf_counter()
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout), time.perf_counter() - begin


def main():
    pressroom, vocabularies, names = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
    texts = []
    for name in names:
        with open(name, encoding="utf-8", newline="") as file:
            texts.append(file.read())
    size = sum(len(text.encode()) for text in texts)
    differ = False
    for vocabulary in vocabularies:
        reference = Tokenizer.from_file(vocabulary)
        start = min(tokenize(pressroom, vocabulary, b"")[1] for _ in range(3))
        ours = theirs = 0.0
        wrong = []
        for name, text in zip(names, texts):
            ids, seconds = tokenize(pressroom, vocabulary, text.encode())
            ours += max(seconds - start, 0.0)
            begin = time.perf_counter()
            expected = reference.encode(text, add_special_tokens=False).ids
            theirs += time.perf_counter() - begin
            if ids != expected:
                wrong.append(name)
        speed = [f"{size / seconds / 1e6:.1f} MB/s" for seconds in (max(ours, 1e-9), theirs)]
        print(f"{vocabulary}: {len(names)} texts, {size} bytes, {len(wrong)} differ; "
              f"pressroom {speed[0]}, tokenizers {speed[1]}", *wrong, flush=True)
        differ = differ or bool(wrong)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
