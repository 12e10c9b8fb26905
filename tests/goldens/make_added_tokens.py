"""Added tokens: small tokenizer.json files and the ids that the tokenizers library gives with them.

    pip install tokenizers==0.22.2
    python make_added_tokens.py added_tokens.json

A case is one of `bases` with another normalizer and list of added tokens, [id, content, flags], the
flags by letter: lstrip, rstrip, normalized, special, and w for single_word. Ids have holes, come in any
order, are those of other tokens; contents are in the vocabulary or twice in the list. `ids` are those of
`texts`. Nothing in their place says that Pressroom has to refuse: single_word, a content that the
normalizer leaves nothing of, and lists for which the library gives one id to two tokens.
"""

import json
import random
import sys

from tokenizers import Tokenizer

CASES = 280
MARK = "\u2581"
FLAGS = {"l": "lstrip", "r": "rstrip", "n": "normalized", "s": "special", "w": "single_word"}
CONTENTS = ["<s>", "</s>", "<new>", "<NEW>", "<newer>", "the", "cat", "e", "\u00e9", "e\u0301", "  ",
            " cat", MARK + "the", "x", "xx", "t", "<", "\n", "[A] B", "\u0120"]
BETWEEN = ["", "", " ", "  ", "a", "the cat", "e\u0301", "tx", "\n", "\t the", "th\u00e9"]


def byte_alphabet():
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return [chr(code) for code in visible] + [chr(0x100 + i) for i in range(256 - len(visible))]


def model(tokens, merges, **options):
    for merge in merges:
        tokens.append(merge.replace(" ", ""))
    vocabulary = {token: i for i, token in enumerate(tokens)}
    return {"type": "BPE", "dropout": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "unk_token": None, "fuse_unk": False, "byte_fallback": False,
            "ignore_merges": False, "vocab": vocabulary, "merges": merges, **options}


def file_of(model, pre_tokenizer, decoder):
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
            "normalizer": None, "pre_tokenizer": pre_tokenizer, "post_processor": None,
            "decoder": decoder, "model": model}


def bases():
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
                  "use_regex": True}
    merges = ["t h", "th e", "c a", "ca t", "\u0120 cat", "\u0120 the", "\u00c3 \u00a9"]
    whole = file_of(model(byte_alphabet(), merges), byte_level, byte_level)
    holes = json.loads(json.dumps(whole))
    vocabulary = holes["model"]["vocab"]
    for token, by in [("\u00c3\u00a9", 4), ("\u0120the", 2)]:
        vocabulary[token] += by
    characters = ["<unk>", "<s>", "</s>"] + ["<0x%02X>" % i for i in range(256)]
    characters += [MARK, "t", "h", "e", "c", "a", "x", "\u00e9"]
    merges = ["t h", "th e", MARK + " the", "c a", "ca t", MARK + " cat", "x x"]
    steps = [{"type": "Replace", "pattern": {"String": MARK}, "content": " "},
             {"type": "ByteFallback"}, {"type": "Fuse"}]
    pieces = file_of(model(characters, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True),
                     None, {"type": "Sequence", "decoders": steps})
    return {"bytes": whole, "bytes with holes": holes, "pieces": pieces}


def normalizers(base):
    replace = {"type": "Replace", "pattern": {"String": "x"}, "content": ""}
    mark = {"type": "Replace", "pattern": {"String": " "}, "content": MARK}
    sentencepiece = {"type": "Sequence",
                     "normalizers": [{"type": "Prepend", "prepend": MARK}, mark]}
    return [sentencepiece, mark] if base == "pieces" else [None, None, {"type": "NFC"}, replace]


def random_case(random, bases):
    base = random.choice(list(bases))
    vocabulary = bases[base]["model"]["vocab"]
    added = []
    next_id = len(vocabulary)
    for _ in range(random.randint(1, 5)):
        content = random.choice(CONTENTS)
        if added and random.random() < 0.15:
            content = random.choice(added)[1]
        number = vocabulary.get(content, next_id)
        next_id += content not in vocabulary
        number = random.choice([number] * 4 + [number + 7, number + 1, random.randrange(300), 900])
        flags = "".join(f for f in "lr" if random.random() < 0.2)
        flags += "".join(f for f in "ns" if random.random() < 0.5)
        added.append([number, content, flags + "w" * (random.random() < 0.02)])
    texts = []
    for _ in range(2):
        pieces = [random.choice(BETWEEN)]
        for _ in range(random.randint(1, 4)):
            pieces += [random.choice(added)[1], random.choice(BETWEEN)]
        texts.append("".join(pieces))
    return {"base": base, "normalizer": random.choice(normalizers(base)), "added": added,
            "texts": texts}


def library_ids(case, base):
    """The ids of each text, or None where Pressroom has to refuse."""
    entries = [{"id": number, "content": content, **{FLAGS[f]: f in flags for f in FLAGS}}
               for number, content, flags in case["added"]]
    file = {**base, "normalizer": case["normalizer"], "added_tokens": entries}
    tokenizer = Tokenizer.from_str(json.dumps(file))
    spelled = {number: token for token, number in base["model"]["vocab"].items()}
    for number, content, flags in case["added"]:
        given = tokenizer.token_to_id(content)
        if spelled.get(given, content) != content or "w" in flags:
            return None
        normalizer = tokenizer.normalizer
        if "n" in flags and normalizer and not normalizer.normalize_str(content):
            return None
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in case["texts"]]


def main():
    generator = random.Random(20250708)
    golden = {"bases": bases(), "cases": []}
    for _ in range(CASES):
        case = random_case(generator, golden["bases"])
        case["ids"] = library_ids(case, golden["bases"][case["base"]])
        golden["cases"].append(case)
    with open(sys.argv[1], "w", encoding="ascii") as out:
        json.dump(golden, out, separators=(",", ":"))
        out.write("\n")


main()
