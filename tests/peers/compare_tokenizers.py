#!/usr/bin/env python3
"""Compares `pressroom tokenize` with the Python library `tokenizers`: ids and speed, on one core.

    RAYON_NUM_THREADS=1 tests/peers/compare_tokenizers.py PRESSROOM TOKENIZER.json[,...] TEXT...

Prints a line for each tokenizer; exits with 1 when the ids of any text differ. Speed is that of one
text, all of them joined: for Pressroom of the whole process, ids printed, less that of one with an
empty text; for the library of encode alone.
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


def best(runs):
    return min(run() for run in [runs] * 3)


def main():
    pressroom, vocabularies, names = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
    texts = []
    for name in names:
        with open(name, encoding="utf-8", newline="") as file:
            texts.append(file.read())
    whole = "".join(texts)
    size = len(whole.encode())
    differ = False
    for vocabulary in vocabularies:
        reference = Tokenizer.from_file(vocabulary)

        def expected(text):
            return reference.encode(text, add_special_tokens=False).ids

        def seconds_of_reference():
            begin = time.perf_counter()
            expected(whole)
            return time.perf_counter() - begin

        wrong = [name for name, text in zip(names, texts)
                 if tokenize(pressroom, vocabulary, text.encode())[0] != expected(text)]
        start = best(lambda: tokenize(pressroom, vocabulary, b"")[1])
        ours = best(lambda: tokenize(pressroom, vocabulary, whole.encode())[1]) - start
        theirs = best(seconds_of_reference)
        speed = [f"{size / seconds / 1e6:.1f} MB/s" for seconds in (max(ours, 1e-9), theirs)]
        print(f"{vocabulary}: {len(names)} texts, {size} bytes, {len(wrong)} differ; "
              f"pressroom {speed[0]}, tokenizers {speed[1]}", *wrong, flush=True)
        differ = differ or bool(wrong)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
