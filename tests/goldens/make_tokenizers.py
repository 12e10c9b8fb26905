"""Four small tokenizers, one of each kind that published models use, and the ids that the reference
library gives for hard strings. The kinds: byte-level BPE after the split of GPT-2; the same over NFC
with added runs of blanks (GPT-NeoX); pieces over whole text with byte fallback and a first token
<s> (Llama 2, Mistral); byte-level BPE after the split of Qwen, over NFC.
    pip install tokenizers==0.22.2
    python make_tokenizers.py ../../docs OUT_DIR       # learns from the pages of the documentation
Writes tokenizer_<kind>.json and tokenizers.json."""
import json
import pathlib
import sys

from tokenizers import Tokenizer, Regex, decoders, models, normalizers, pre_tokenizers, processors
from tokenizers import AddedToken, trainers

QWEN_SPLIT = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|"
              r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")

TEXTS = [
    "", " ", "\n", "\n\n\n", "   \n  ", "The cache is full", "The cache  is   full.",
    "budget_tokens: 96, sparsity: 0.9; h2o's", "they'll THEY'LL we've I'm he'd can't", "\tone\r\n\r\ntwo ",
    "blanks at the end    ", " blank in front", "caf\u00e9 cafe\u0301 \u212b \ufb01n", "\u4e0a\u6d77\u3068\u6771\u4eac\u3002", "\u0412\u0441\u0451, \u0431\u044e\u0434\u0436\u0435\u0442!",
    "\u0645\u0631\u062d\u0628\u0627", "\u0928\u092e\u0938\u094d\u0924\u0947", "\U0001f468\u200d\U0001f469\u200d\U0001f467 and \U0001f3f3\ufe0f\u200d\U0001f308", "\u00a0hard\u00a0blanks\u00a0",
    "\u200bno width\u200b", "1234567 3.14e-10 \u00bd \u0664\u0662", "for(i=0;i<9;++i){ k[i]*=2; }",
    "<s> </s> <|endoftext|> <|im_start|> inside", "a" * 50, "snake_caseAndCamelCASE", "\U00010348 \u16a0",
    "\ud55c\uad6d\uc5b4 \u1112\u1161\u11ab", "http://example.org/?q=a%20b&c=1#top", "\u2581already \u2581there",
]


def byte_level(normalizer, split, special):
    tokenizer = Tokenizer(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizers.NFC()
    plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=split is None)
    tokenizer.pre_tokenizer = plain if split is None else pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(split), "isolated"), plain])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer, trainers.BpeTrainer(
        vocab_size=700, special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)


def gpt2():
    return byte_level(False, None, [])


def neox():
    return byte_level(True, None, ["<|endoftext|>", "<|padding|>"])


def qwen():
    return byte_level(True, QWEN_SPLIT, [])


def pieces():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(),
        decoders.Strip(" ", 1, 0)])
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    return tokenizer, trainers.BpeTrainer(vocab_size=800, special_tokens=special, max_token_length=12,
                                          show_progress=False)


def finish(kind, tokenizer):
    if kind == "gpt2":
        tokenizer.add_special_tokens(["<|endoftext|>"])
    if kind == "neox":
        tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(24, 1, -1)])
    if kind == "qwen":
        tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
        tokenizer.add_tokens([AddedToken("<think>", normalized=False)])
    if kind == "pieces":
        tokenizer.post_processor = processors.TemplateProcessing(
            single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)])
        # The bytes are pieces of the vocabulary and not tokens that text can name.
        file = json.loads(tokenizer.to_str())
        file["added_tokens"] = file["added_tokens"][:3]
        tokenizer = Tokenizer.from_str(json.dumps(file))
    return tokenizer


def main(docs, out):
    text = [page.read_text() for page in sorted(docs.glob("*.md"))]
    cases = {}
    for kind, make in {"gpt2": gpt2, "neox": neox, "qwen": qwen, "pieces": pieces}.items():
        tokenizer, trainer = make()
        tokenizer.train_from_iterator(text, trainer)
        tokenizer = finish(kind, tokenizer)
        file = json.loads(tokenizer.to_str())
        (out / f"tokenizer_{kind}.json").write_text(
            json.dumps(file, ensure_ascii=False, separators=(",", ":")) + "\n")
        cases[kind] = []
        for string in TEXTS:
            ids = tokenizer.encode(string, add_special_tokens=False).ids
            cases[kind].append({"text": string, "ids": ids,
                                "ids_with_special": tokenizer.encode(string).ids,
                                "decoded": tokenizer.decode(ids, skip_special_tokens=False)})
    (out / "tokenizers.json").write_text(
        json.dumps({"library": "tokenizers 0.22.2", "cases": cases}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(*map(pathlib.Path, sys.argv[1:3]))
