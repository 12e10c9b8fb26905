"""f1 and rouge_l of the answers in tests/unit/judged_words_test.cpp, by other code.

f1 is worked out with regular expressions, rouge_l by the package that LongBench calls:

    peers/bin/pip install rouge==1.0.1
    peers/bin/python tests/peers/judged_answers.py

Prints every case that differs from the table by more than 1e-8, which the package adds to its
denominator, and how many it looked at; fails where one differs.
"""
import ast
import collections
import pathlib
import re
import string
import sys

from rouge import Rouge

SOURCE = pathlib.Path(__file__).parents[1] / "unit" / "judged_words_test.cpp"


def f1(said, reference):
    def words(text):
        text = text.lower().translate({ord(mark): None for mark in string.punctuation})
        return collections.Counter(re.sub(r"\b(?:a|an|the)\b", " ", text).split())

    a, b = words(said), words(reference)
    shared = sum((a & b).values())
    return 2 * shared / (sum(a.values()) + sum(b.values())) if shared else 0


def rouge_l(said, reference):
    try:
        return Rouge().get_scores([said], [reference], avg=True)["rouge-l"]["f"]
    except ValueError:  # without a sentence
        return 0


def cases(test):
    """(said, references, expected) of the table in the test of this name."""
    table = SOURCE.read_text().split(test)[1].split("cases = {")[1].split("\n  };")[0]
    table = re.sub(r"//[^\n]*", "", table)
    for said, references, expected in re.findall(
            r'\{("(?:[^"\\]|\\.)*"), \{(.*?)\}, ([0-9./ ]+)\}', table):
        literals = re.findall(r'"(?:[^"\\]|\\.)*"', references)
        yield ast.literal_eval(said), [ast.literal_eval(one) for one in literals], eval(expected)


wrong = seen = 0
for test, score in (("(F1, Counts", f1), ("(RougeL, Counts", rouge_l)):
    for said, references, expected in cases(test):
        got = max(score(said, reference) for reference in references)
        seen += 1
        if abs(got - expected) > 1e-8:
            wrong += 1
            print(test, repr(said), references, "expected", expected, "got", got)
print(seen, "cases,", wrong, "differ")
sys.exit(wrong > 0 or seen != 37)
